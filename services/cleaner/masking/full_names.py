"""Full names by rule: a listed name beside another word that is capitalised like a name and is no known word."""

from collections.abc import Sequence
from typing import Final

from services.cleaner.masking.memo import Memo
from services.cleaner.masking.tagger import Tagged, Tagger
from services.cleaner.masking.tokens import fold_word

_NAME: Final = 1
"""Listed as a name and as nothing else."""
_OPEN: Final = 2
"""Capitalised, and either listed as a name or in no list at all."""
_KNOWN: Final = 4
"""Capitalised, and an everyday word, a street word, an organisation: with a name in front it makes an institution."""
_CONFIDENCE: Final = 0.7
_HYPHEN: Final = "-"


class FullNames:
    """Finds and completes full names in texts whose capitals can be trusted."""

    def __init__(self, tagger: Tagger) -> None:
        self._lists = tagger.lists
        self._flags = Memo(self._flag)

    def _flag(self, token: str) -> int:
        if not (token[0].isupper() and len(token) > 1 and not token.isupper()):
            return 0
        code = self._lists.get(fold_word(token), "")
        if not code:
            return _OPEN
        if "N" in code:
            return _OPEN | (0 if set(code) & set("CEPOTSM") else _NAME)
        return _KNOWN if set(code) & set("CEDOS") else 0

    def complete(self, tokens: Sequence[str], tagged: list[Tagged]) -> list[Tagged]:
        """tagged, its names grown over what belongs to them, and full names that were not tagged at all."""
        flags = list(map(self._flags.__getitem__, tokens))
        if not tagged and _NAME | _OPEN not in flags:
            return tagged
        taken = bytearray(len(tokens))
        grown: list[Tagged] = []
        for first, end, label, confidence in tagged:
            if label == "P":
                end = self._grown(tokens, flags, end)
            taken[first:end] = b"\x01" * (end - first)
            grown.append((first, end, label, confidence))
        done = 0
        for at in [i for i, flag in enumerate(flags[:-1]) if flag & _NAME]:
            if at >= done and flags[at + 1] & _OPEN and not taken[at] and not taken[at + 1]:
                done = self._grown(tokens, flags, at + 2)
                if done == len(flags) or not flags[done] & _KNOWN:
                    grown.append((at, done, "P", _CONFIDENCE))
        return sorted(grown)

    def _grown(self, tokens: Sequence[str], flags: Sequence[int], end: int) -> int:
        """Where a name that reaches to end really ends: "Kwame Akufo" may go on with "-Addo" or "Mensah"."""
        while end < len(tokens) and tokens[end - 1][0].isupper():
            if flags[end] & _OPEN:
                end += 1
            elif tokens[end] == _HYPHEN and end + 1 < len(tokens) and flags[end + 1] & _OPEN:
                end += 2
            else:
                break
        return end
