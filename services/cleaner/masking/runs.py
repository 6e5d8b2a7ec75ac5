"""Runs of digits: finds them through separators, look-alike letters and spelled-out words.

A run is a stretch of digit groups. The same stretch may hold several numbers ("2000 08031234567") or one number in
several groups ("0803 123 4567"), so a run is cut into the pieces that the recognisers know, longest first.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.cleaner.masking.memo import Memo
from services.cleaner.masking.tokens import fold_word

# One loop over one class of characters, so that it is linear.
_STRETCH = re.compile(r"\d[\dOoIl|+(.\-/ )\n_,]{4,}")
_LEADING = frozenset("OoIl|")
_GROUP = re.compile(r"[\dOoIl|]+")
_LOOKALIKE = str.maketrans("OoIl|", "00111")
_WORD = re.compile(r"[^\s!-&(-.:-@\[-`{-~]+")


def _context_word(word: str) -> str:
    """Folded and without a number at its end: "IMEI2" speaks of an IMEI."""
    folded = fold_word(word)
    return folded.rstrip("0123456789") or folded


_FOLDED = Memo(_context_word).__getitem__

MAX_DIGITS = 34
_AROUND = " ,.\n-(/)"
_LEAST = 6
_NO_GAPS: tuple[str, ...] = ()
_LONGEST_PREFIX = 12
MAX_GROUPS = 16
CONTEXT_BEFORE = 56
CONTEXT_AFTER = 28


class Group(NamedTuple):
    """A stretch of digits without separators; digits is what it says, in ASCII."""

    start: int
    end: int
    digits: str
    lookalike: bool = False


class Number:
    """A candidate: groups of digits taken together, with what stands around them.

    plus tells whether a + stands in front; sizes are those of the groups, gaps the separators between them.
    glued_before and glued_after tell that a letter touches it; prefix is the folded word that touches it in front.
    before and after are the folded words around it, in order of the text; they are looked for when first asked for.
    """

    __slots__ = (
        "_after", "_before", "_scan", "digits", "end", "gaps", "glued_after", "glued_before", "plus", "prefix", "sizes",
        "start",
    )  # fmt: skip
    sizes: tuple[int, ...]

    def __init__(self, scan: str, groups: Sequence[Group]) -> None:
        start, end = groups[0].start, groups[-1].end
        self.plus = start > 0 and scan[start - 1] == "+"
        start -= self.plus
        if start and scan[start - 1] == "(" and scan.find(")", start, end) > 0:
            start -= 1
        left = scan[start - 1] if start else " "
        self._scan = scan
        self._before: list[str] | None = None
        self._after: list[str] | None = None
        self.start, self.end = start, end
        if len(groups) == 1:
            self.digits, self.sizes, self.gaps = groups[0].digits, (end - groups[0].start,), _NO_GAPS
        else:
            self.digits = "".join([g.digits for g in groups])
            self.sizes = tuple([len(g.digits) for g in groups])
            self.gaps = tuple([scan[a.end : b.start] for a, b in itertools.pairwise(groups)])
        self.prefix = ""
        self.glued_before = left.isalpha() or left == "_"
        if left.isalpha():
            first = start - 1
            while first and start - first < _LONGEST_PREFIX and scan[first - 1].isalpha():
                first -= 1
            self.prefix = fold_word(scan[first:start])
        self.glued_after = end < len(scan) and (scan[end].isalpha() or scan[end] == "_")

    @classmethod
    def spelled(cls, scan: str, groups: Sequence[Group]) -> "Number":
        """A number of words: its groups are the words, its digits one piece."""
        number = cls(scan, groups)
        number.plus = number.glued_before = number.glued_after = False
        number.sizes, number.gaps = (len(number.digits),), _NO_GAPS
        return number

    @property
    def before(self) -> list[str]:
        """Up to six words in front."""
        if self._before is None:
            left = self._scan[max(0, self.start - CONTEXT_BEFORE) : self.start]
            self._before = list(map(_FOLDED, _WORD.findall(left)[-6:]))
        return self._before

    @property
    def after(self) -> list[str]:
        """Up to four words behind."""
        if self._after is None:
            self._after = list(map(_FOLDED, _WORD.findall(self._scan[self.end : self.end + CONTEXT_AFTER])[:4]))
        return self._after


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
        alone = match[0].strip(_AROUND)
        if alone.isdigit() and (not match.start() or scan[match.start() - 1] not in _LEADING):
            if len(alone) >= _LEAST:
                start = match.start()
                yield [Group(start, start + len(alone), alone)]
            continue
        start = match.start()
        while start and scan[start - 1] in _LEADING and match.start() - start < _LEAST:
            start -= 1
        groups = _drop_lone_letters(groups_of(scan, start, match.end()))
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
    if sum([len(g.digits) for g in groups]) >= _LEAST and any(
        scan[i].isdigit() for g in groups for i in range(g.start, min(g.end, g.start + 8))
    ):
        yield groups


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
