"""International bank account numbers (ISO 13616)."""

import re
from typing import Any

from services.cleaner.masking.checks import iban
from services.cleaner.masking.recognisers.base import PatternRecogniser
from services.cleaner.masking.spans import Finding

_START = re.compile(r"[A-Za-z]{2}\d{2}[ -]?[A-Za-z0-9]{4}")


def _finding(match: Any, scan: str) -> Finding | None:
    start, _end = match.span()
    if start and scan[start - 1].isalnum():
        return None
    text = match[0]
    while text:
        value = "".join(c for c in text.upper() if c.isalnum())
        if len(value) < 15:
            return None
        at = start + len(text)
        whole = at >= len(scan) or not scan[at].isalnum()
        if whole and iban(value):
            return Finding(start, at, "ACCOUNT", 0.99, value)
        cut = text.rstrip().rfind(" ")
        if cut < 0:
            return None
        text = text[:cut]
    return None


RECOGNISER = PatternRecogniser(
    type="ACCOUNT",
    kind="account",
    beside=0x1FFFC04,
    trigger=lambda clues: _START.search(clues.scan) is not None,
    digits=8,
    pattern=r"(?i)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){3,8}",
    finding=_finding,
    positive=("GB82WEST12345698765432", "IBAN DE89 3704 0044 0532 0130 00 please"),
    negative=("GB82WEST12345698765433",),
)
