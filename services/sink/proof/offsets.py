"""Offsets as people read them."""

from collections.abc import Iterable
from typing import Final

SHOWN: Final = 20


def spans(offsets: Iterable[int], shown: int = SHOWN) -> str:
    """Offsets as ranges, ascending; beyond `shown` ranges only how many more offsets there are.

    >>> spans([7, 3, 4, 5, 9])
    '3-5, 7, 9'
    >>> spans([1, 3, 5], shown=2)
    '1, 3 and 1 more'
    """
    runs: list[tuple[int, int]] = []
    for offset in sorted(set(offsets)):
        if runs and runs[-1][1] == offset - 1:
            runs[-1] = (runs[-1][0], offset)
        else:
            runs.append((offset, offset))
    text = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs[:shown])
    more = sum(high - low + 1 for low, high in runs[shown:])
    return f"{text} and {more} more" if more else text
