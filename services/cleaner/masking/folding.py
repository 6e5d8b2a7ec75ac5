"""Folds a text into the form that is scanned, keeping track of where every character came from.

Each character maps to one character or to none, so that a span found in the folded text has an exact place in the
original. Letters with diacritics stay: words are folded further, one by one, when they are looked up.
"""

import re
import unicodedata
from typing import NamedTuple

from services.cleaner.masking.tokens import HIDDEN

_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u20e3"
    + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10)]))
)
_SPELT_OUT = {
    "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u02bb": "'", "\u201b": "'", "\u00b4": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u00b7": ".", "\u2022": " ", "\u2024": ".", "\u3002": ".", "\u2044": "/", "\u2215": "/", "\u2217": "*",
    "\u041e": "O", "\u043e": "o", "\u039f": "O", "\u03bf": "o", "\u0406": "I", "\u0399": "I",
}  # fmt: skip


def _table() -> dict[int, str | None]:
    """Code point to one character, or None for what is invisible. NFKC where it keeps the length."""
    table: dict[int, str | None] = {ord(c): None for c in _INVISIBLE}
    for code in range(0x80, 0x20000):  # no digits, spaces or compatibility letters that matter lie beyond
        char = chr(code)
        category = unicodedata.category(char)
        if category == "Nd":
            table[code] = str(unicodedata.digit(char))
        elif category == "Zs":
            table[code] = " "
        elif category[0] in "LNPS" and unicodedata.decomposition(char).startswith("<"):
            folded = unicodedata.normalize("NFKC", char)
            if len(folded) == 1 and folded.isascii():
                table[code] = folded
    table[ord(HIDDEN)] = " "
    table.update({ord(k): v for k, v in _SPELT_OUT.items()})
    return table


def _ranges(codes: list[int]) -> str:
    """A regular expression class of the code points."""
    parts: list[str] = []
    start = previous = codes[0]
    for code in [*codes[1:], -1]:
        if code != previous + 1:
            parts.append(re.escape(chr(start)) + ("-" + re.escape(chr(previous)) if previous > start else ""))
            start = code
        previous = code
    return "[" + "".join(parts) + "]"


_TABLE = _table()
_FOLDABLE = re.compile(_ranges(sorted(_TABLE)))
_DROPPED = frozenset(chr(code) for code, to in _TABLE.items() if to is None)


class Folded(NamedTuple):
    """A text to scan. offsets[i] is the place of scan[i] in the original; None where both are the same."""

    scan: str
    offsets: list[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span [start, end) of scan as a span of the original; end > start."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(text: str) -> Folded:
    """Digits of all scripts to ASCII, compatibility forms to plain ones, invisible characters away.

    >>> fold("\\u0660\\u0668\\u0660\\u200b3").scan
    '0803'
    >>> fold("\\u0660\\u0668\\u0660\\u200b3").original(2, 4)
    (2, 5)

    Raises UnicodeEncodeError where the text holds lone surrogates.
    """
    if text.isascii():
        return Folded(text if HIDDEN not in text else text.replace(HIDDEN, " "), None)
    text.encode("utf-8")
    if _FOLDABLE.search(text) is None:
        return Folded(text, None)
    scan = text.translate(_TABLE)
    if len(scan) == len(text):
        return Folded(scan, None)
    return Folded(scan, [i for i, char in enumerate(text) if char not in _DROPPED])
