"""Words, numbers and marks of a text, and the form by which words are looked up."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# A word is what is neither blank, digit nor ASCII or general punctuation, symbol or emoji; combining marks belong to
# it, and so does an apostrophe between letters. One class, one loop: linear.
_LETTERS: Final = (
    r"[^\s\d\x00-\x08!-&(-/:-@\[-`{-~'\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f"
    r"\ufe00-\ufe0f\U0001f000-\U0001faff]"
)
HIDDEN: Final = "\x01"
"""Stands for each character of what a recogniser has found already; a run of them is one token."""
TOKEN: Final = re.compile(rf"{HIDDEN}+|{_LETTERS}+(?:'(?![sS](?!{_LETTERS})){_LETTERS}+)*|\d+|\S")
_ASCII_TOKEN: Final = re.compile(rf"[A-Za-z]+(?:'(?![sS](?![A-Za-z]))[A-Za-z]+)*|\d+|{HIDDEN}+|\S")
_PLAIN: Final = str.maketrans("ɓɗƙƴƁƊƘƳøØłŁđĐ", "bdkyBDKYoOlLdD")


@lru_cache(maxsize=65_536)
def fold_word(word: str) -> str:
    """Lower case without diacritics: the key by which words are looked up.

    >>> fold_word("Nọ́mbà"), fold_word("ƙasa")
    ('nomba', 'kasa')
    """
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.translate(_PLAIN).casefold())
    return unicodedata.normalize("NFC", "".join([c for c in decomposed if not unicodedata.combining(c)]))


def tokens_of(scan: str) -> list[str]:
    """The tokens in order; a possessive 's is a token apart.

    >>> tokens_of("I'm at Ado-Ekiti, N500!")
    ["I'm", 'at', 'Ado', '-', 'Ekiti', ',', 'N', '500', '!']
    """
    return _ASCII_TOKEN.findall(scan) if scan.isascii() else TOKEN.findall(scan)
