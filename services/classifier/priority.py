"""Priority from the ITIL matrix of impact and urgency (P1 critical to P5 planning)."""

from typing import Final

_MATRIX: Final = {
    ("high", "high"): "P1",
    ("high", "medium"): "P2",
    ("high", "low"): "P3",
    ("medium", "high"): "P2",
    ("medium", "medium"): "P3",
    ("medium", "low"): "P4",
    ("low", "high"): "P3",
    ("low", "medium"): "P4",
    ("low", "low"): "P5",
}
_ONE_STEP_UP: Final = {"low": "medium", "medium": "high", "high": "high"}


def priority(impact: str, urgency: str) -> str:
    """Priority of an impact and an urgency, each high, medium or low; KeyError for any other word.

    >>> priority("high", "medium")
    'P2'
    """
    return _MATRIX[impact, urgency]


def raise_urgency(urgency: str) -> str:
    """The urgency one step higher; high stays high.

    >>> raise_urgency("low")
    'medium'
    """
    return _ONE_STEP_UP[urgency]
