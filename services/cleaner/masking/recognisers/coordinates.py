"""Coordinates: rounded to two decimals (about 1.1 km), not dropped, since outages are found by place."""

import re
from typing import Any

from services.cleaner.masking.recognisers.base import PatternRecogniser
from services.cleaner.masking.spans import Finding

_LONG_DECIMAL = re.compile(r"\d\.\d{3}")


def _finding(match: Any, scan: str) -> Finding | None:
    start, end = match.span()
    if start and (scan[start - 1].isalnum() or scan[start - 1] == "."):
        return None
    if end < len(scan) and scan[end].isdigit():
        return None
    latitude, longitude = float(match[1]), float(match[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    rounded = f"{latitude:.2f}, {longitude:.2f}"
    return Finding(start, end, "GEO", 0.95, rounded, rounded)


RECOGNISER = PatternRecogniser(
    type="GEO",
    mark=".",
    trigger=lambda clues: _LONG_DECIMAL.search(clues.scan) is not None,
    digits=8,
    pattern=r"(-?\d{1,2}\.\d{3,})(?:\s?°)?(?:\s?[NS])?\s*[,;/ ]\s*(-?\d{1,3}\.\d{3,})(?:\s?°)?(?:\s?[EW]\b)?",
    finding=_finding,
    positive=("6.52437, 3.37921", "at 9.0579, 7.49508 now"),
    negative=("6.5, 3.3", "1.234 and 2.345"),
)
