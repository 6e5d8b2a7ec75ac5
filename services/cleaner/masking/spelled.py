"""Numbers spelled out word by word: "zero eight zero three double two ...", also mixed with digits."""

import re
from typing import Final

import ahocorasick_rs

from services.cleaner.masking.runs import Group, Number

_DIGITS: Final = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "nil": "0", "ziro": "0", "xero": "0", "zro": "0",
    "one": "1", "wan": "1", "two": "2", "tu": "2", "too": "2", "to": "2", "three": "3", "tree": "3", "tri": "3",
    "four": "4", "for": "4", "fo": "4", "five": "5", "faif": "5", "six": "6", "sis": "6", "siks": "6",
    "seven": "7", "sevin": "7", "seben": "7", "eight": "8", "eit": "8", "ate": "8", "nine": "9", "nain": "9",
}  # fmt: skip
_TIMES: Final = {"double": 2, "dobul": 2, "dabul": 2, "triple": 3, "tripple": 3}
MIN_DIGITS: Final = 7

_TELLING: Final = ("zero", "oh ", "three", "four", "five", "six", "seven", "eight", "nine", "tri ", "double", "ziro")
_AUTOMATON = ahocorasick_rs.AhoCorasick(_TELLING)
_TOKEN = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d,.\-]")


def may_be_spelled(lower: str) -> bool:
    """Whether a text in lower case holds at least two words that tell of spelled-out numbers."""
    return len({word for word, _, _ in _AUTOMATON.find_matches_as_indexes(lower)}) > 1


def spelled_numbers(scan: str) -> list[Number]:
    """Candidates of at least seven digits in which at least three words stand for digits.

    >>> [n.digits for n in spelled_numbers("my line na zero eight zero three double one 2 3 four five six")]
    ['08031123456']
    """
    found: list[Number] = []
    line: list[Group] = []
    times = 1
    last_end = 0
    for match in _TOKEN.finditer(scan):
        word = match[0].lower()
        if match.start() - last_end > 3:
            found += _number(scan, line)
            line, times = [], 1
        last_end = match.end()
        digit = word if word.isdigit() else _DIGITS.get(word)
        if digit is not None:
            start = line.pop().start if line and line[-1].digits == "" else match.start()
            line.append(Group(start, match.end(), digit * times if len(digit) == 1 else digit, not word.isdigit()))
            times = 1
        elif word in _TIMES:
            times = _TIMES[word]
            line.append(Group(match.start(), match.end(), "", True))
        else:
            found += _number(scan, line)
            line, times = [], 1
    return found + _number(scan, line)


def _number(scan: str, line: list[Group]) -> list[Number]:
    while line and (line[-1].digits == "" or _doubtful(scan, line[-1])):
        line.pop()
    while line and _doubtful(scan, line[0]):
        del line[0]
    digits = "".join([g.digits for g in line])
    if len(digits) < MIN_DIGITS or sum(g.lookalike for g in line) < 3:
        return []
    return [Number.spelled(scan, line)]


def _doubtful(scan: str, group: Group) -> bool:
    """At the ends of a number "to", "for" and "o" are words."""
    return scan[group.start : group.end].lower() in ("to", "too", "for", "o", "ate", "fo", "tu")
