"""Customer and account numbers with letters in them, beside the words that name them."""

from typing import Any

from services.cleaner.masking.recognisers.base import PatternRecogniser, always
from services.cleaner.masking.spans import Finding


def _finding(match: Any, scan: str) -> Finding | None:
    start, end = match.span(1)
    if end < len(scan) and scan[end].isalnum():
        return None
    return Finding(start, end, "ACCOUNT", 0.9, "".join(c for c in match[1].upper() if c.isalnum()))


RECOGNISER = PatternRecogniser(
    type="ACCOUNT",
    kind="account",
    cues=("cust", "acc", "a/c", "subscriber"),
    trigger=always,
    pattern=r"(?i)\b(?:customer|cust|account|acct|a/c|subscriber) ?(?:id|no|number|num|code|ref)\.? ?(?:is|na|:|#|-|=)?"
    r" ?([A-Z]{1,5}[-/ ]?\d{5,13}|\d{5,13})",
    digits=5,
    finding=_finding,
    positive=("Customer ID BJN-00482913", "customer number 7700391882", "account no: 1100238841"),
    negative=("customer care 300", "customer line 0803"),
)
