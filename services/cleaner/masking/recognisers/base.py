"""The two shapes of a recogniser: of patterns in the text, and of numbers that were found as runs of digits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from services.cleaner.masking.clues import Clues
from services.cleaner.masking.runs import Number
from services.cleaner.masking.spans import Finding

SURE = 0.999
"""A number recogniser that says so is asked last: nothing else can be right."""


@dataclass(frozen=True, slots=True)
class NumberRecogniser:
    """Says how surely a run of digits is of its type.

    confidence gets a Number and returns 0 (it is none) to 1; the highest wins, then the longest. kind is the kind of
    identifier (IDENTIFIER_KINDS) that a find is for mentioned_keys, or None. positive and negative are examples:
    a positive text must yield the type, a negative one must not.
    """

    type: str
    confidence: Callable[[Number], float]
    positive: Sequence[str]
    negative: Sequence[str]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class PatternRecogniser:
    """Finds a pattern of RE2 in texts that pass a cheap test.

    trigger gets the text's Clues and says whether the pattern is worth running; mark, cues, beside and digits are asked
    before it. finding gets a match and the text and returns what to mask, or None. RE2 has no lookaround: borders are
    for finding to check.
    """

    type: str
    pattern: str
    trigger: Callable[[Clues], bool]
    finding: Callable[[Any, str], "Finding | Sequence[Finding] | None"]
    positive: Sequence[str]
    negative: Sequence[str]
    kind: str | None = None
    mark: str = ""
    """A character without which the text cannot hold the pattern; asked before the trigger."""
    cues: Sequence[str] = ()
    """Pieces of text in lower case of which one must stand in the text; all recognisers' are looked for at once."""
    beside: int = 0
    """Sizes of digit groups, as bits, of which one must stand beside a letter (Clues.beside); 0: none need to."""
    digits: int = 0
    """How many digits a text must have at least before the trigger is asked."""

    def compiled(self) -> Any:
        """The compiled pattern."""
        return re2.compile(self.pattern)


def always(_: Clues) -> bool:
    """The trigger of a pattern whose mark is telling enough."""
    return True


def touches_word(scan: str, start: int, end: int) -> bool:
    """Whether a letter, digit or underscore touches the span from outside."""
    return (start > 0 and (scan[start - 1].isalnum() or scan[start - 1] == "_")) or (
        end < len(scan) and (scan[end].isalnum() or scan[end] == "_")
    )
