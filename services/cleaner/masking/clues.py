"""Cheap facts about a text, gathered once, by which the costly patterns are left out."""

import re
from typing import Final

_GROUP: Final = re.compile(r"\d+")
_MAX_GROUPS: Final = 64


class Clues:
    """What a text holds, at a glance.

    lower is the text in lower case; digits is how many ASCII digits it has (all counted up to 64 groups); beside is
    the set of sizes of digit groups that a letter touches, a blank or hyphen between allowed, as bits.
    """

    __slots__ = ("beside", "digits", "lower", "scan")

    def __init__(self, scan: str) -> None:
        self.scan = scan
        self.lower = scan.lower()
        digits = beside = 0
        last = len(scan) - 1
        for count, match in enumerate(_GROUP.finditer(scan)):
            start, end = match.span()
            size = end - start
            digits += size
            if count > _MAX_GROUPS:
                beside = -1
                continue
            if start:
                left = scan[start - 1]
                if left in " -" and start > 1:
                    left = scan[start - 2]
                if left.isalpha():
                    beside |= 1 << min(size, 24)
                    continue
            if end <= last and scan[end].isalpha():
                beside |= 1 << min(size, 24)
        self.digits = digits
        self.beside = beside

    def has_group(self, *sizes: int) -> bool:
        """Whether a group of one of the sizes stands beside a letter."""
        return any(self.beside >> size & 1 for size in sizes)
