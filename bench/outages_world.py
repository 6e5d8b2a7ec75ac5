"""A country that complains: areas by Zipf's law, days and weeks, rates that waver, and outages put into it.

Everything random comes from one seed. Counts are made, not single complaints: every complaint is a customer of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.classifier.outages.rules import DAY_MS, HOUR_MS, LAGOS_MS, MINUTE_MS, WINDOW_MS

Floats = npt.NDArray[np.float64]

CLUSTERS = {"network": 0.35, "internet": 0.22, "service": 0.08}
"""Shares of all complaints; the rest tells of no outage."""
OPERATORS: dict[str | None, float] = {"Beejan": 0.6, None: 0.4}
LOCAL = 0.85
"""Share of complaints that name a local government area; of the others half name the state."""
HOURS = (2, 1.5, 1, 1, 1.5, 3, 6, 9, 11, 12, 12, 11, 10, 10, 11, 11, 11, 12, 13, 14, 13, 10, 7, 4)
WEEKEND = 0.75
AREA_WAVER = 0.15
"""Relative deviation of an area's rate from half hour to half hour (a gamma factor)."""
NATION_WAVER = 0.08
EPOCH = 1_767_567_600_000
"""A Monday, midnight in Lagos."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Customers of one area who complain beside the usual ones."""

    area: int
    start: int
    end: int
    moments: tuple[int, ...]
    """When each of them complains."""


class Country:
    """Rates of complaints by area and time."""

    def __init__(self, lgas: Sequence[str], per_day: float, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.lgas = list(lgas)
        ranks = self.random.permutation(len(self.lgas)) + 1
        self.shares: Floats = (1 / ranks) / (1 / ranks).sum()
        self.per_day = per_day
        week = sum(HOURS) * (5 + 2 * WEEKEND) / 7
        self._hours = np.array(HOURS) / week
        self._waver: Floats = np.ones(len(self.lgas))
        self._nation = 0.0
        self._half_hour = -1

    def rates(self, at: int, length: int) -> Floats:
        """Expected complaints of each area in the `length` ms from `at`; wavering is drawn anew each half hour."""
        half_hour = at // WINDOW_MS
        if half_hour != self._half_hour:
            self._half_hour = half_hour
            shape = 1 / AREA_WAVER**2
            self._waver = self.random.gamma(shape, 1 / shape, len(self.lgas))
            self._nation = 0.8 * self._nation + self.random.normal(0, NATION_WAVER * 0.6)
        busy = self.per_day * self._curve(at) * (length / HOUR_MS) * float(np.exp(self._nation))
        return busy * self.shares * self._waver

    def _curve(self, at: int) -> float:
        """Share of a mean day's complaints that an hour at this moment has."""
        local = (at + LAGOS_MS) / HOUR_MS - 0.5
        hour = int(local // 1)
        part = local - hour
        day = ((at + LAGOS_MS) // DAY_MS + 3) % 7
        value = (1 - part) * self._hours[hour % 24] + part * self._hours[(hour + 1) % 24]
        return float(value * (WEEKEND if day >= 5 else 1.0))

    def complaints(self, at: int, length: int) -> Iterator[tuple[str, str | None, int | None, str | None, int]]:
        """(cluster, operator, index of the area or None, state or None, customers) of the `length` ms from `at`."""
        rates = self.rates(at, length)
        states = np.array([lga.partition("/")[0] for lga in self.lgas])
        for cluster, of_all in CLUSTERS.items():
            for operator, of_cluster in OPERATORS.items():
                part = of_all * of_cluster
                counts = self.random.poisson(rates * part * LOCAL)
                for area in np.flatnonzero(counts):
                    yield cluster, operator, int(area), None, int(counts[area])
                vague = self.random.poisson(rates * part * (1 - LOCAL) / 2)
                for area in np.flatnonzero(vague):
                    yield cluster, operator, None, str(states[area]), int(vague[area])


def steps(start: int, end: int, minutes: int) -> range:
    """Moments from start to end."""
    return range(start, end, minutes * MINUTE_MS)
