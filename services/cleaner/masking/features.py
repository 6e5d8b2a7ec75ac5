"""What the tagger sees of a token: its word, its shape, its affixes and the lists that it stands in.

A token's features depend on itself alone (and on how its text is cased), so that their weights can be summed once for
each word and be remembered. Neighbours know it by its word and its kind: a small code of lists and shape.
"""

from collections.abc import Callable, Sequence
from typing import Final

from services.cleaner.masking.memo import Memo
from services.cleaner.masking.tokens import HIDDEN, fold_word

NORMAL, LOWER, UPPER = "n", "l", "u"
EDGE: Final = "\x00"
"""Stands before the first and behind the last token."""

Lists = Callable[[str], str]
"""Folded word to the letters of the lists that it stands in, sorted: N name, W word used as name, C common word,
P place, T title, S street type, O organisation, M month or day, D in the dictionary, E frequent in it."""


def casing(tokens: Sequence[str]) -> str:
    """How a text is cased: with capitals where they belong, without any, or in capitals throughout.

    >>> casing(["my", "name", "is", "ada"]), casing(["I", "am", "Ada"]), casing(["I", "AM", "ADA", "OBI"])
    ('l', 'n', 'u')
    """
    counts = sum(map(_CASES.__getitem__, tokens[1:]))
    lower, title, upper = counts & _COUNT, counts >> _BITS & _COUNT, counts >> 2 * _BITS
    if upper > _FEW and upper > 2 * (lower + title):
        return UPPER
    return NORMAL if title else LOWER


def _case(token: str) -> int:
    """One in the field of lower case, of a capital in front, or of capitals throughout."""
    if token.islower():
        return 1
    if len(token) == 1 or not token.isalpha():
        return 0
    return 1 << 2 * _BITS if token.isupper() else (1 << _BITS if token[0].isupper() else 0)


_BITS: Final = 24
_COUNT: Final = (1 << _BITS) - 1
_FEW: Final = 2
_CASES: Final = Memo(_case)


def shape(token: str) -> str:
    """A code of one or two characters for how a token is written."""
    if token[0] == HIDDEN:
        return "#"
    if token[0].isdigit():
        return "d" + str(min(len(token), 5))
    if not token[0].isalpha():
        return token if token in "',.-:;/@#()\"&!?\n" + EDGE else "*"
    if token.islower():
        return "x"
    if len(token) == 1:
        return "I"
    if token.isupper():
        return "X"
    return "T" if token[0].isupper() and token[1:].islower() else "M"


def kind(token: str, mode: str, lists: str) -> str:
    """The small code by which neighbours know a token."""
    form = shape(token)
    if form in ("x", "T", "X", "M", "I"):
        return f"{lists}|{form}{mode}"
    return form


def own(token: str, mode: str, lists: str) -> list[str]:
    """Features of a token for its own label."""
    code = kind(token, mode, lists)
    form = shape(token)
    if form not in ("x", "T", "X", "M", "I"):
        return ["b", "k" + code]
    word = fold_word(token)
    found = ["b", "k" + code, "w" + word, "c" + lists, "s" + form + mode]
    padded = f"^{word}$"
    for size in (3, 4, 5):
        if len(padded) > size:
            found.append("p" + padded[:size])
            found.append("e" + padded[-size:])
    if "C" not in lists:
        found.extend(["g" + padded[i : i + 3] for i in range(len(padded) - 2)])
        found.append(f"u{min(len(word), 9)}{form}{mode}")
    return found


def beside(token: str, mode: str, lists: str) -> list[str]:
    """Features of a token for the labels of its neighbours."""
    code = kind(token, mode, lists)
    return ["k" + code, "w" + fold_word(token)] if token[0].isalpha() else ["k" + code]
