"""What capital letters say of a name: an owo is money, Owo is a town; and most people write neither with care."""

import re
from typing import Final

from services.domain.places.names import fold

_WORD: Final = re.compile(r"(?<![\w'’])[^\W\d_a-z][\w'’\u0300-\u036f]*")
_ENDS: Final = '.!?:;\n•-–—"“(['


class Casing:
    """The capitals of one text, looked at only when asked for.

    >>> casing = Casing("Mo wa ni Ede, owo mi da")
    >>> casing.of("ede"), casing.of("owo"), Casing("ko si network ni ede").of("ede")
    (True, False, None)
    """

    __slots__ = ("_capitals", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._capitals: set[str] | None = None
        self._starts: set[str] = set()

    def of(self, name: str) -> bool | None:
        """Whether a folded name is written with a capital; None where the text does not tell."""
        if self._capitals is None:
            self._capitals = set()
            if not self._text.isupper():
                self._find(self._capitals)
        word = name.partition(" ")[0]
        if word in self._capitals:
            return True
        return None if not self._capitals or word in self._starts else False

    def _find(self, capitals: set[str]) -> None:
        """Sort words with a capital into those that a sentence's start explains and the others."""
        for match in _WORD.finditer(self._text):
            if match.group()[0].isupper():
                before = self._text[: match.start()].rstrip(" ")
                target = capitals if before and before[-1] not in _ENDS else self._starts
                target.update(fold(match.group()).split())
