"""How many distinct customers to expect in an area and half hour, learned from what was seen.

The nation's curve by hour of the week (exponentially weighted means, started as plain means) times the area's share of
it. Two weeks give an hour of the week four half hours, so it is drawn towards the hour of the day, and that towards
the whole; an area's share is drawn towards its state's. What is uncertain about the expectation widens the
distribution (the posterior's variance is added), so that a detector that was just started neither sleeps nor shouts.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from services.classifier.outages.areas import AreaTree, is_local, is_state, state_of
from services.classifier.outages.rules import HOUR_MS, LAGOS_MS, NATION, WINDOW_MS

Floats = npt.NDArray[np.float64]

ALPHA = 0.1
"""Weight of the newest value in an exponentially weighted mean."""
SHARE_DECAY = 0.5 ** (1 / (14 * 48))
"""Per half hour: what was seen counts half after two weeks."""
LEVEL_DECAY = 0.98
"""Per half hour: the general level follows within a day or two."""
HOURS_OF_DAY = 24
HOURS_OF_WEEK = 168
DAY_PULL = 100.0
"""Customers' worth by which an hour of the week is drawn to the hour of the day: few tell little of Sundays."""
WHOLE_PULL = 4.0
"""The same for the hour of the day and the whole."""
STATE_PULL = 50.0
"""Complaints' worth by which an area's share is drawn to its state's."""
DISPERSION_PULL = 30.0
"""Expected complaints' worth by which an area's dispersion is drawn to that of areas of its kind and size."""
SIZES = 28
KINDS = ("local", "state", "nation")
FIRST_DISPERSION = 1.25
FIRST_CURVE_VARIANCE = 0.1
"""Squared relative error of one half hour as a measure of its hour."""
COLD_SHARE_LOCAL = 0.15
COLD_SHARE_STATE = 0.45
"""While next to nothing is known, any area may hold this share of all complaints."""
COLD_COMPLAINTS = 200.0
LEAST_EXPECTED = 0.02
"""Customers a window that are expected anywhere, whatever was learned: nobody's area is impossible."""


class Expected:
    """Mean and dispersion (variance over mean) of an area's count."""

    __slots__ = ("dispersion", "mean")

    def __init__(self, mean: float, dispersion: float) -> None:
        self.mean = mean
        self.dispersion = dispersion


class Expectation:
    """What is learned of one cluster and operator."""

    def __init__(self, tree: AreaTree) -> None:
        self._tree = tree
        self.learned_until = 0
        """End of the last half hour that was learned, ms since the epoch."""
        self._day = np.zeros((2, HOURS_OF_DAY))  # mean, number of half hours
        self._week = np.zeros((2, HOURS_OF_WEEK))
        self._whole = [0.0, 0.0]
        self._level = [0.0, 0.0]  # decayed sums of what was seen and of what was expected
        self._index: dict[str, int] = {}
        self._names: list[str] = []
        self._seen: Floats = np.zeros(0)  # decayed customers
        self._squares: Floats = np.zeros(0)  # decayed squared errors
        self._means: Floats = np.zeros(0)  # decayed expectations
        self._total = 0.0  # decayed customers of the nation
        self._pooled = {kind: np.zeros((2, SIZES)) for kind in KINDS}  # squared errors, expectations, by size

    # -- asking ------------------------------------------------------------------------------------------------

    def window(self, area: str, end: int, length: int, nation_now: int, here_now: int) -> Expected:
        """What to expect of an area in the `length` ms before `end`.

        `nation_now` and `here_now` are the customers of the nation and of the area in that time: while the hour was
        never seen before, the rest of the nation tells how busy it is.
        """
        share, worth = self._share(area)
        if self._is_cold(end):
            return self._cold(area, share, nation_now, here_now)
        curve, error = self._curve(end, length)
        mean = max(share * curve, LEAST_EXPECTED)
        half_hours = length / WINDOW_MS
        # variance beyond Poisson comes from rates that waver together, so it grows with the square of the mean
        dispersion = 1.0 + (self._dispersion(area, mean / half_hours) - 1.0) * half_hours
        unsure = error if area == NATION else error + 1.0 / max(worth, 1e-6)
        return Expected(mean, dispersion + mean * unsure)

    def _is_cold(self, end: int) -> bool:
        return bool(self._day[1][_hour(end) % HOURS_OF_DAY] == 0)

    def _cold(self, area: str, share: float, nation_now: int, here_now: int) -> Expected:
        if area == NATION:
            return Expected(float(max(nation_now, 1)), FIRST_DISPERSION)
        if self._total < COLD_COMPLAINTS:
            share = max(share, COLD_SHARE_LOCAL if is_local(area) else COLD_SHARE_STATE)
        rest = max(0, nation_now - here_now)
        mean = max(share / max(1e-9, 1.0 - share) * rest, 10 * LEAST_EXPECTED)
        return Expected(mean, FIRST_DISPERSION)

    def _share(self, area: str) -> tuple[float, float]:
        """An area's share of the nation, and the complaints that this is known from."""
        if area == NATION:
            return 1.0, self._total
        prior = self._tree.prior_share(area)
        if is_local(area):
            state = state_of(area)
            prior = self._share(state)[0] / self._tree.siblings(state)
        here = self._seen[self._index[area]] if area in self._index else 0.0
        worth = here + STATE_PULL * prior
        return worth / (self._total + STATE_PULL), worth

    def _curve(self, end: int, length: int) -> tuple[float, float]:
        """Customers of the nation to expect in the time before `end`, and the squared relative error of that."""
        middle = end - length / 2 + LAGOS_MS
        position = middle / HOUR_MS - 0.5
        hour = math.floor(position)
        part = position - hour
        mean = (1 - part) * self._hour_mean(hour) + part * self._hour_mean(hour + 1)
        known = self._day[1][hour % HOURS_OF_DAY]
        level = self._level[0] / self._level[1] if self._level[1] > 0 else 1.0
        return mean * min(3.0, max(0.3, level)) * length / WINDOW_MS, FIRST_CURVE_VARIANCE / max(1.0, known)

    def _hour_mean(self, hour: int) -> float:
        hour_of_week = (hour + 72) % HOURS_OF_WEEK  # the epoch was a Thursday
        of_day, in_day = self._day[:, hour_of_week % HOURS_OF_DAY]
        of_week, in_week = self._week[:, hour_of_week]
        day = _drawn(of_day, in_day, self._whole[0], WHOLE_PULL)
        return _drawn(of_week, in_week, day, DAY_PULL)

    def _dispersion(self, area: str, mean: float) -> float:
        """Variance over mean of a half hour of this size, as learned from the area and from others like it."""
        squares, means = self._pooled[_kind(area)][:, _size(mean)]
        pooled = (squares + DISPERSION_PULL * FIRST_DISPERSION) / (means + DISPERSION_PULL)
        if area in self._index:
            at = self._index[area]
            pooled = (self._squares[at] + DISPERSION_PULL * pooled) / (self._means[at] + DISPERSION_PULL)
        return max(1.0, float(pooled))

    # -- learning ----------------------------------------------------------------------------------------------

    def learn(self, end: int, counts: dict[str, int], open_areas: frozenset[str]) -> None:
        """Learn the half hour before `end` once; areas in an open incident are taken to have been as expected.

        `counts` holds the customers of every area with any, the nation among them.
        """
        if end <= self.learned_until:
            return
        self.learned_until = end
        nation = float(counts.get(NATION, 0))
        curve, _ = self._curve(end, WINDOW_MS)
        if nation == 0 and curve > 5:
            return  # silence of everybody is our own deafness, not the nation's
        cold = self._is_cold(end)
        if NATION in open_areas:
            return
        excess = self._excess(counts, open_areas, curve)
        nation = max(0.0, nation - excess)
        self._learn_shares(counts, open_areas, nation, None if cold else curve)
        self._learn_curve(end, nation, curve, cold)

    def _excess(self, counts: dict[str, int], open_areas: frozenset[str], curve: float) -> float:
        inside = [area for area in open_areas if is_local(area) and state_of(area) not in open_areas]
        inside += [area for area in open_areas if is_state(area)]
        return sum(max(0.0, counts.get(area, 0) - self._share(area)[0] * curve) for area in inside)

    def _learn_shares(
        self, counts: dict[str, int], open_areas: frozenset[str], nation: float, curve: float | None
    ) -> None:
        for area in counts:
            self._slot(area)
        shares = np.array([self._share(area)[0] for area in self._names]) if self._names else np.zeros(0)
        expected = shares * (nation if curve is None else curve)
        seen = np.array([float(counts.get(area, 0)) for area in self._names])
        touched = set(open_areas) | {state_of(area) for area in open_areas}
        is_open = np.array([area in touched for area in self._names], dtype=bool)
        seen = np.where(is_open, np.minimum(seen, expected), seen)
        self._seen = self._seen * SHARE_DECAY + seen
        self._total = self._total * SHARE_DECAY + nation
        if curve is not None:
            errors = np.where(is_open, expected, (seen - expected) ** 2)
            self._squares = self._squares * SHARE_DECAY + errors
            self._means = self._means * SHARE_DECAY + expected
            self._learn_sizes(errors, expected)

    def _learn_curve(self, end: int, nation: float, curve: float, cold: bool) -> None:
        hour = _hour(end)
        level = self._level[0] / self._level[1] if self._level[1] > 0 else 1.0
        normal = nation / min(3.0, max(0.3, level))
        _mean(self._day[:, hour % HOURS_OF_DAY], normal)
        _mean(self._week[:, (hour + 72) % HOURS_OF_WEEK], normal)
        self._whole[1] += 1
        self._whole[0] += (normal - self._whole[0]) * max(ALPHA / HOURS_OF_DAY, 1 / self._whole[1])
        if not cold and curve > 0:
            self._level[0] = self._level[0] * LEVEL_DECAY + nation
            self._level[1] = self._level[1] * LEVEL_DECAY + curve / min(3.0, max(0.3, level))

    def _slot(self, area: str) -> int:
        at = self._index.get(area)
        if at is None:
            at = self._index[area] = len(self._names)
            self._names.append(area)
            self._seen = np.append(self._seen, 0.0)
            self._squares = np.append(self._squares, 0.0)
            self._means = np.append(self._means, 0.0)
        return at

    def _learn_sizes(self, errors: Floats, expected: Floats) -> None:
        """Take a half hour's squared errors into what is known of areas of each kind and size."""
        sizes = np.array([_size(mean) for mean in expected], dtype=np.intp)
        kinds = np.array([_kind(area) for area in self._names])
        for kind, pooled in self._pooled.items():
            mine = kinds == kind
            pooled *= SHARE_DECAY
            np.add.at(pooled[0], sizes[mine], errors[mine])
            np.add.at(pooled[1], sizes[mine], expected[mine])

    # -- keeping -----------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Everything learned, as JSON can hold it."""
        return {
            "learned_until": self.learned_until,
            "day": self._day.round(4).tolist(),
            "week": self._week.round(4).tolist(),
            "whole": self._whole,
            "level": self._level,
            "total": round(self._total, 4),
            "sizes": {kind: pooled.round(4).tolist() for kind, pooled in self._pooled.items()},
            "areas": {
                name: [round(float(column[at]), 4) for column in (self._seen, self._squares, self._means)]
                for name, at in self._index.items()
            },
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take up what snapshot() gave."""
        self.learned_until = int(snapshot["learned_until"])
        self._day = np.array(snapshot["day"], dtype=np.float64)
        self._week = np.array(snapshot["week"], dtype=np.float64)
        self._whole = list(snapshot["whole"])
        self._level = list(snapshot["level"])
        self._total = float(snapshot["total"])
        self._names = list(snapshot["areas"])
        self._index = {name: at for at, name in enumerate(self._names)}
        columns = np.array(list(snapshot["areas"].values()), dtype=np.float64).reshape(len(self._names), 3)
        self._seen, self._squares, self._means = (columns[:, at].copy() for at in range(3))
        self._pooled = {kind: np.array(snapshot["sizes"][kind], dtype=np.float64) for kind in KINDS}


def _hour(end: int) -> int:
    """The hour in Lagos, counted from the epoch, of the half hour before `end`."""
    return (end - WINDOW_MS // 2 + LAGOS_MS) // HOUR_MS


def _drawn(mean: float, number: float, towards: float, pull: float) -> float:
    """A mean of so many half hours drawn towards another, the more the fewer customers it is made of."""
    weight = pull / max(towards, 1.0)
    return float((number * mean + weight * towards) / (number + weight))


def _mean(cell: Floats, value: float) -> None:
    """Take a value into [mean, number]: a plain mean at first, exponentially weighted later."""
    cell[1] += 1
    cell[0] += (value - cell[0]) * max(ALPHA, 1 / cell[1])


def _size(mean: float) -> int:
    """Class of a half hour's expectation: powers of two from 1/256 up."""
    return min(SIZES - 1, max(0, math.frexp(mean)[1] + 8)) if mean > 0 else 0


def _kind(area: str) -> str:
    return "nation" if area == NATION else "state" if is_state(area) else "local"
