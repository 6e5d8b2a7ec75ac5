"""Mobile operators that a text names, and the one it is about."""

from collections.abc import Sequence
from typing import Final

OWN: Final = "Beejan"
_SPELLINGS: Final = {
    "Beejan": ("beejan", "beejanng", "beejantelecom", "beejancare", "beejanhelp", "bejan", "beejans", "beejn"),
    "MTN": ("mtn", "mtnng", "mtn180", "mtns", "yello"),
    "Airtel": ("airtel", "airtelng", "airtelnigeria", "airtels", "zain"),
    "Glo": ("glo", "globacom", "gloworld", "glocare", "glos"),
    "9mobile": ("9mobile", "9mobileng", "etisalat", "t2mobile"),
    "Smile": ("smilecomsng", "smile4g"),
    "Spectranet": ("spectranet", "spectranetng"),
    "Ntel": ("ntel", "ntelng"),
    "Mafab": ("mafab",),
}
_BY_WORD: Final = {word: name for name, words in _SPELLINGS.items() for word in words}
_TOWARDS: Final = frozenset(("to", "than", "unlike", "join", "like", "use", "with", "from", "zuwa", "si", "na"))


def operator_of(token: str) -> str | None:
    """The operator that a raw token names or is a handle of (@BeejanNG), or None.

    >>> operator_of("@beejan_help"), operator_of("glo"), operator_of("globe")
    ('Beejan', 'Glo', None)
    """
    if "9mobile" in token:
        return "9mobile"
    if token[0] != "@":
        return _BY_WORD.get(token)
    handle = token[1:]
    return next((name for word, name in _BY_WORD.items() if handle.startswith(word)), None)


def operator(tokens: Sequence[str]) -> str | None:
    """The network a complaint is about: ours where it is named, else the first not merely compared with or moved to.

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
