"""Event ids that were seen within a window: exact, 16 bytes each, in sorted runs that are merged as they grow.

A Python set of ids takes some 115 bytes an id. Here young ids wait in a small set; when it is full it becomes a sorted
run of 64-bit halves, and runs of like size are merged, so that a look-up asks a handful of arrays. Ids leave by whole
days of receipt.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ID_BYTES: Final = 16
YOUNG_LIMIT: Final = 32_768
DAY_MS: Final = 86_400_000

Halves = NDArray[np.uint64]


class _Run:
    """Ids sorted by their upper halves."""

    __slots__ = ("high", "low")

    def __init__(self, high: Halves, low: Halves) -> None:
        order = np.argsort(high, kind="stable")
        self.high = high[order]
        self.low = low[order]

    def __len__(self) -> int:
        return len(self.high)

    def holds(self, high: Halves, low: Halves) -> NDArray[np.bool_]:
        """Which of the ids are in this run."""
        at = np.searchsorted(self.high, high)
        inside = at < len(self.high)
        near = np.minimum(at, len(self.high) - 1)
        same: NDArray[np.bool_] = inside & (self.high[near] == high)
        found: NDArray[np.bool_] = same & (self.low[near] == low)
        for index in np.nonzero(same & ~found)[0]:  # equal upper halves of different ids: one in 10^19
            found[index] = self._beyond(int(at[index]), high[index], low[index])
        return found

    def _beyond(self, at: int, high: Any, low: Any) -> bool:
        while at < len(self.high) and self.high[at] == high:
            if self.low[at] == low:
                return True
            at += 1
        return False


class _Day:
    """The ids received on one day."""

    __slots__ = ("runs", "young")

    def __init__(self) -> None:
        self.young: set[bytes] = set()
        self.runs: list[_Run] = []

    def add(self, ids: Sequence[bytes]) -> None:
        self.young.update(ids)
        if len(self.young) >= YOUNG_LIMIT:
            self._settle()

    def _settle(self) -> None:
        high, low = halves(b"".join(self.young))
        self.young = set()
        # merge while the neighbour is not much larger: every id is moved a logarithmic number of times
        while self.runs and len(self.runs[-1]) <= 2 * len(high):
            last = self.runs.pop()
            high, low = np.concatenate((last.high, high)), np.concatenate((last.low, low))
        self.runs.append(_Run(high, low))


def halves(ids: bytes) -> tuple[Halves, Halves]:
    """Upper and lower 64 bits of ids of 16 bytes that follow one another."""
    pairs = np.frombuffer(ids, dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


class SeenIds:
    """Ids of events received within the last `window_days`.

    >>> seen = SeenIds(window_days=7)
    >>> seen.add([b"0123456789abcdef"], received_at=0)
    >>> seen.holds([b"0123456789abcdef", b"fedcba9876543210"])
    [True, False]
    """

    def __init__(self, window_days: int = 7) -> None:
        self._window = window_days
        self._days: dict[int, _Day] = {}

    def __len__(self) -> int:
        return sum(len(day.young) + sum(map(len, day.runs)) for day in self._days.values())

    def holds(self, ids: Sequence[bytes]) -> list[bool]:
        """For each id (16 bytes) whether it was seen."""
        found = [any(one in day.young for day in self._days.values()) for one in ids]
        runs = [run for day in self._days.values() for run in day.runs]
        if runs and ids:
            high, low = halves(b"".join(ids))
            hits = np.array(found)
            for run in runs:
                hits |= run.holds(high, low)
            found = hits.tolist()
        return found

    def add(self, ids: Sequence[bytes], received_at: int) -> None:
        """Remember ids received at (ms UTC). Days that the window has left are forgotten."""
        day = received_at // DAY_MS
        self._days.setdefault(day, _Day()).add(ids)
        oldest = max(self._days) - self._window
        for gone in [known for known in self._days if known < oldest]:
            del self._days[gone]
