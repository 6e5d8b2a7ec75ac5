"""How names of places and texts are made comparable: casefolded, no diacritics, words separated by one space."""

import unicodedata
from typing import Final

_LETTERS: Final = {"ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ß": "ss", "ð": "d", "ø": "o", "ł": "l", "đ": "d"}
"""Hausa's hooked letters and others that no decomposition takes apart."""


class _Separators(dict[int, str]):
    """Translation table: ASCII letters and digits stay, everything else is a space; filled as it is met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        out = char if char.isalnum() else " "
        self[code] = out
        return out


_SEPARATORS: Final = _Separators()


def fold(text: str) -> str:
    """Casefolded, diacritics dropped, punctuation as spaces, one space between words.

    >>> fold("Ọ̀yọ́"), fold("Jama'are"), fold("Obio/Akpor"), fold("  Ƙofar  Nassarawa ")
    ('oyo', 'jama are', 'obio akpor', 'kofar nassarawa')
    """
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The folded words of a text.

    >>> words("No network for V.I. since!")
    ['no', 'network', 'for', 'v', 'i', 'since']
    """
    lowered = text.lower()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFKD", lowered)
        lowered = "".join(_LETTERS.get(c, c) for c in decomposed if not unicodedata.combining(c))
    return lowered.translate(_SEPARATORS).split()
