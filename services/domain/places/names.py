"""How names of places and texts are made comparable: casefolded, no diacritics, words separated by one space."""

import unicodedata
from typing import Final

_LETTERS: Final = {"ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ß": "ss", "ð": "d", "ø": "o", "ł": "l", "đ": "d"}
"""Hausa's hooked letters and others that no decomposition takes apart."""


class _Letters(dict[int, str]):
    """Translation table: letters and digits stay, marks go, everything else is a space; filled as it is met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        out = "" if unicodedata.combining(char) else _LETTERS.get(char, char if char.isalnum() else " ")
        self[code] = out
        return out


_TABLE: Final = _Letters()


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
        lowered = unicodedata.normalize("NFKD", lowered)
    return lowered.translate(_TABLE).split()
