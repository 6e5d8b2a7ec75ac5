"""The network a complaint is about, among the operators that its text names."""

from collections.abc import Sequence
from typing import Final

from services.classifier.rules.tokens import operator_of

OWN: Final = "Beejan"
_TOWARDS: Final = frozenset(("to", "than", "unlike", "join", "like", "use", "with", "from", "zuwa", "si", "na"))


def operator(tokens: Sequence[str]) -> str | None:
    """Canonical name: ours where it is named, else the first that is not merely compared with or moved to.

    >>> operator(["mtn", "is", "bad", "i", "will", "port", "to", "airtel"])
    'MTN'
    """
    named = []
    for position, token in enumerate(tokens):
        found = operator_of(token)
        if found is not None:
            named.append((position > 0 and tokens[position - 1] in _TOWARDS, found))
    if any(found == OWN for _, found in named):
        return OWN
    return min(named, key=lambda pair: pair[0])[1] if named else None
