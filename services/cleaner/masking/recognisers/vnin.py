"""Virtual NIN: two letters, twelve digits, two letters."""

from typing import Any

from services.cleaner.masking.recognisers.base import PatternRecogniser, touches_word
from services.cleaner.masking.spans import Finding


def _finding(match: Any, scan: str) -> Finding | None:
    if touches_word(scan, *match.span()):
        return None
    value = "".join(c for c in match[0].upper() if c.isalnum())
    return Finding(match.start(), match.end(), "VNIN", 0.98, value)


RECOGNISER = PatternRecogniser(
    type="VNIN",
    beside=1 << 12 | 1 << 4,
    trigger=lambda clues: bool(clues.beside & 1 << 12) or "nin" in clues.lower,
    digits=12,
    pattern=r"(?i)[A-Z]{2}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?[A-Z]{2}",
    finding=_finding,
    positive=("AB012345678901YZ", "vnin ab 0123 4567 8901 yz"),
    negative=("AB01234567890YZ",),
)
