"""Finds the rows that ClickHouse refuses, so that their neighbours get in."""

from collections.abc import Callable
from typing import Protocol


class Attempt(Protocol):
    """Inserts rows [low, high); True when they are in, False when at least one of them was refused."""

    def __call__(self, low: int, high: int) -> bool: ...


def isolate(
    size: int,
    attempt: Attempt,
    known: Callable[[int, int], bool] = lambda _low, _high: False,
    refused: Callable[[int, int], None] = lambda _low, _high: None,
) -> list[int]:
    """Insert `size` rows by bisection; indices of the refused ones, ascending.

    Sub-ranges depend on nothing but `size` and which were refused. `known(low, high)` says that the range was refused
    before and is not sent whole again; `refused` is called before any part of a newly refused range is sent.

    >>> isolate(8, lambda low, high: not low <= 5 < high)
    [5]
    """
    bad: list[int] = []
    waiting = [(0, size)] if size else []
    while waiting:
        low, high = waiting.pop()
        if not known(low, high):
            if attempt(low, high):
                continue
            refused(low, high)
        if high - low == 1:
            bad.append(low)
            continue
        middle = (low + high) // 2
        waiting += [(middle, high), (low, middle)]
    return bad
