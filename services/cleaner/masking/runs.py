"""Runs of digits: finds them through separators, look-alike letters and spelled-out words.

A run is a stretch of digit groups. The same stretch may hold several numbers ("2000 08031234567") or one number in
several groups ("0803 123 4567"), so a run is cut into the pieces that the recognisers know, longest first.
"""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from services.cleaner.masking.memo import Memo
from services.cleaner.masking.tokens import fold_word

# One loop over one class of characters, so that it is linear.
_STRETCH = re.compile(r"[\dOoIl|+(.\-/ )\n_,]{6,}")
_GROUP = re.compile(r"[\dOoIl|]+")
_LOOKALIKE = str.maketrans("OoIl|", "00111")
_WORD = re.compile(r"[^\s!-&(-.:-@\[-`{-~]+")

_FOLDED = Memo(fold_word).__getitem__

MAX_DIGITS = 34
MAX_GROUPS = 10
CONTEXT_BEFORE = 56
CONTEXT_AFTER = 28


class Group(NamedTuple):
    """A stretch of digits without separators; digits is what it says, in ASCII."""

    start: int
    end: int
    digits: str
    lookalike: bool = False


class Number(NamedTuple):
    """A candidate: groups of digits taken together, with what stands around them.

    plus tells whether a + stands in front; gaps are the separators between the groups; before and after are the
    folded words around it, in order of the text; glued_before and glued_after tell that a letter touches it.
    """

    start: int
    end: int
    digits: str
    plus: bool
    sizes: tuple[int, ...]
    gaps: tuple[str, ...]
    before: list[str]
    after: list[str]
    glued_before: bool
    glued_after: bool
    prefix: str


def words_around(scan: str, start: int, end: int) -> tuple[list[str], list[str]]:
    """Up to six folded words before start and four after end, not across a line's end of an earlier sentence."""
    left = scan[max(0, start - CONTEXT_BEFORE) : start]
    right = scan[end : end + CONTEXT_AFTER]
    return list(map(_FOLDED, _WORD.findall(left)[-6:])), list(map(_FOLDED, _WORD.findall(right)[:4]))


def groups_of(scan: str, start: int, end: int) -> list[Group]:
    """The groups of digits in a stretch. Look-alike letters count as digits only among digits."""
    found: list[Group] = []
    for match in _GROUP.finditer(scan, start, end):
        text = match[0]
        if text.isdigit():
            found.append(Group(match.start(), match.end(), text))
            continue
        left, right = match.span()
        if (left and scan[left - 1].isalpha()) or (right < len(scan) and scan[right].isalpha()):
            # Letters of a word, as the l of "5litres" or the o of "no08031234567": keep the digits alone.
            while left < right and not scan[left].isdigit():
                left += 1
            while right > left and not scan[right - 1].isdigit():
                right -= 1
            text = scan[left:right]
        if text:
            found.append(Group(left, right, text.translate(_LOOKALIKE), True))
    return found


def stretches(scan: str) -> Iterator[list[Group]]:
    """Lists of neighbouring groups that hold at least six digits together, one of them a real digit."""
    for match in _STRETCH.finditer(scan):
        groups = _drop_lone_letters(groups_of(scan, match.start(), match.end()))
        line: list[Group] = []
        for group in groups:
            if line and group.start - line[-1].end > 3:
                yield from _worth(scan, line)
                line = []
            line.append(group)
        yield from _worth(scan, line)


def _drop_lone_letters(groups: list[Group]) -> list[Group]:
    """Without the words "o" and "I", unless they stand in a number that is spaced out digit by digit."""
    if all(len(g.digits) > 1 for g in groups):
        return groups
    sizes = [0, *[len(g.digits) for g in groups], 0]
    return [
        g
        for i, g in enumerate(groups, 1)
        if sizes[i] > 1 or g.lookalike is False or (sizes[i - 1] == 1 or sizes[i + 1] == 1)
    ]


def _worth(scan: str, groups: list[Group]) -> Iterator[list[Group]]:
    if sum([len(g.digits) for g in groups]) >= 6 and any(
        scan[i].isdigit() for g in groups for i in range(g.start, min(g.end, g.start + 8))
    ):
        yield groups


def number_of(scan: str, groups: list[Group]) -> Number:
    """The groups as one candidate, with its surroundings."""
    start, end = groups[0].start, groups[-1].end
    plus = start > 0 and scan[start - 1] == "+"
    start -= plus
    if start and scan[start - 1] == "(" and scan.find(")", start, end) > 0:
        start -= 1
    before, after = words_around(scan, start, end)
    left = scan[start - 1] if start else " "
    prefix = ""
    if left.isalpha():
        first = start - 1
        while first and start - first < 12 and scan[first - 1].isalpha():
            first -= 1
        prefix = fold_word(scan[first:start])
    return Number(
        start,
        end,
        "".join([g.digits for g in groups]),
        plus,
        tuple([len(g.digits) for g in groups]),
        tuple([scan[a.end : b.start] for a, b in itertools.pairwise(groups)]),
        before,
        after,
        left.isalpha() or left == "_",
        end < len(scan) and (scan[end].isalpha() or scan[end] == "_"),
        prefix,
    )


def is_date(sizes: tuple[int, ...], gaps: tuple[str, ...]) -> bool:
    """Three groups that stand like a date: 12/03/1988, 2026-03-12."""
    return (
        len(sizes) == 3
        and gaps[0].strip() == gaps[1].strip()
        and gaps[0].strip() in ("/", "-", ".")
        and (
            sizes in ((4, 2, 2), (4, 1, 1), (4, 1, 2), (4, 2, 1))
            or (sizes[0] <= 2 and sizes[1] <= 2 and sizes[2] in (2, 4))
        )
    )


def is_one_number(sizes: tuple[int, ...], gaps: tuple[str, ...]) -> bool:
    """Whether groups may be read as one number: no comma or line end between them, and separators of one sort."""
    kinds = {gap.strip() or " " for gap in gaps}
    if any("\n" in gap or "," in gap for gap in gaps):
        return False
    if "/" in kinds:
        return len(kinds) == 1 and min(sizes) >= 3
    # "(0) 803-123" and "(555) 123-4567" mix brackets, blanks and one more sort.
    return len(kinds - {" ", "(", ")", ") (", ")-", "-(", ")."}) <= 1
