"""Runs the pattern recognisers, each only where a text may hold its pattern.

A recogniser waits for a character (mark), for one of some pieces of text (cues), for digits beside letters, or for
none of these. The cues of all
recognisers are looked for in one pass (Aho-Corasick).
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import ahocorasick_rs

from services.cleaner.masking.clues import Clues
from services.cleaner.masking.recognisers.base import PatternRecogniser
from services.cleaner.masking.spans import Finding

_Make = Callable[[Any, str], Finding | Sequence[Finding] | None]
_Pattern = tuple[int, Callable[[Clues], bool], Any, _Make]
"""Least digits, trigger, compiled pattern, what to make of a match."""


class Patterns:
    """Pattern recognisers, sorted by what they wait for."""

    def __init__(self, recognisers: Sequence[PatternRecogniser]) -> None:
        by_mark: dict[str, list[_Pattern]] = {}
        self._beside: list[tuple[int, _Pattern]] = []
        by_cue: dict[str, list[_Pattern]] = {}
        for recogniser in sorted(recognisers, key=attrgetter("digits")):
            entry = (recogniser.digits, recogniser.trigger, recogniser.compiled(), recogniser.finding)
            if recogniser.beside:
                self._beside.append((recogniser.beside, entry))
            elif not recogniser.cues:
                by_mark.setdefault(recogniser.mark, []).append(entry)
            for cue in recogniser.cues:
                by_cue.setdefault(cue, []).append(entry)
        self._marked = tuple(by_mark.items())
        self._cued = tuple(by_cue.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_cue))

    def find(self, clues: Clues) -> list[Finding]:
        """What the patterns find in a text; findings may overlap."""
        found: list[Finding] = []
        scan = clues.scan
        for mark, patterns in self._marked:
            if mark in scan:
                for pattern in patterns:
                    if pattern[0] > clues.digits:
                        break
                    found += _run(pattern, clues)
        if clues.beside:
            for sizes, pattern in self._beside:
                if sizes & clues.beside and pattern[0] <= clues.digits:
                    found += _run(pattern, clues)
        seen = self._automaton.find_matches_as_indexes(clues.lower, overlapping=True)
        if seen:
            cued = {id(pattern): pattern for cue, _, _ in seen for pattern in self._cued[cue]}
            for pattern in cued.values():
                if pattern[0] <= clues.digits:
                    found += _run(pattern, clues)
        return found


def _run(pattern: _Pattern, clues: Clues) -> list[Finding]:
    _, trigger, compiled, make = pattern
    if not trigger(clues):
        return []
    found: list[Finding] = []
    for match in compiled.finditer(clues.scan):
        result = make(match, clues.scan)
        if isinstance(result, Finding):
            found.append(result)
        elif result is not None:
            found += result
    return found
