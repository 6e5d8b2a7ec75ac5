"""Tests windows against what is expected, from small areas to large ones."""

from collections.abc import Iterable

from services.classifier.outages.areas import state_of
from services.classifier.outages.counts import Place
from services.classifier.outages.incidents import Alarm, OpenIncident, compatible
from services.classifier.outages.rules import BUCKET_MS, NATION, WINDOW_BUCKETS
from services.classifier.outages.scene import Scene, largest, level
from services.classifier.outages.tail import upper_tail
from services.classifier.outages.windows import DistinctWindow

Group = tuple[tuple[str | None, ...], str | None]
"""Operators that are counted together, and the one to name."""


class Judge:
    """Finds the areas whose customers are too many to be chance."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._counts = scene.counts
        self._rules = scene.rules

    def alarms(self, places: Iterable[Place], now: int) -> list[Alarm]:
        """Alarms of some places; what a smaller area explains alarms no larger one."""
        out: list[Alarm] = []
        for cluster, area in sorted(places, key=lambda place: (level(place[1]), place)):
            for group in self._groups(cluster, area):
                if alarm := self._alarm(cluster, area, group, out, now):
                    out.append(alarm)
        return out

    def is_elevated(self, incident: OpenIncident, area: str, end: int) -> bool:
        """Whether an area of an open incident is still above what is usual in the window that ends with this bucket."""
        cluster = incident.cluster
        found = self._counts.by_operator(cluster, area)
        operators = tuple(operator for operator in found if compatible(operator, incident.operator))
        count = sum(found[operator] for operator in operators)
        if count < 2:
            return False
        expected = self._scene.expected(cluster, operators, area, end)
        return upper_tail(count, expected.mean, expected.dispersion) < self._rules.stay_tail

    def _alarm(self, cluster: str, area: str, group: Group, alarms: list[Alarm], now: int) -> Alarm | None:
        operators, named = group
        count = self._counts.together(cluster, operators, area)
        if count < self._rules.min_customers or self._scene.is_planned(cluster, named, area):
            return None
        expected = self._scene.expected(cluster, operators, area, now)
        mean, tail = expected.mean, upper_tail(count, expected.mean, expected.dispersion)
        if tail < self._rules.alarm_tail and level(area) > 0:
            count, mean = self._rest(cluster, area, group, alarms, mean, now)
            tail = upper_tail(count, mean, expected.dispersion)
        if count < self._rules.min_customers or tail >= self._rules.alarm_tail:
            return None
        return self._raise(cluster, area, group, mean, tail, now)

    def _rest(
        self, cluster: str, area: str, group: Group, alarms: list[Alarm], mean: float, now: int
    ) -> tuple[int, float]:
        """Count and expectation of a state or the nation without what is explained, and without its fullest area.

        What is in one area only is no affair of the larger one.
        """
        operators, named = group
        count, least = self._counts.together(cluster, operators, area), mean / 10
        explained = {a.area for a in alarms if a.cluster == cluster and compatible(a.operator, named)}
        explained |= self._scene.troubled(cluster, named)
        explained = largest({a for a in explained if a not in (area, NATION) and area in (NATION, state_of(a))})
        others = [inner for inner in self._counts.inside(cluster, area) if inner not in explained]
        if others:
            explained.add(max(others, key=lambda inner: (self._counts.together(cluster, operators, inner), inner)))
        for inner in explained:
            here = self._counts.together(cluster, operators, inner)
            count -= here
            mean -= min(float(here), self._scene.expected(cluster, operators, inner, now).mean)
        return count, max(mean, least)

    def _groups(self, cluster: str, area: str) -> list[Group]:
        """Customers who name no operator are counted with the one that is named most."""
        counts = self._counts.by_operator(cluster, area)
        nameless = counts.pop(None, 0)
        named = sorted(counts, key=lambda operator: (-counts[operator], operator or ""))
        if not nameless:
            return [((operator,), operator) for operator in named]
        if not named:
            return [((None,), None)]
        first = named[0]
        is_named = counts[first] >= self._rules.named_share * (counts[first] + nameless)
        return [((first, None), first if is_named else None)] + [((op,), op) for op in named[1:]]

    def _raise(self, cluster: str, area: str, group: Group, mean: float, tail: float, now: int) -> Alarm:
        operators, named = group
        last = self._counts.bucket
        first = last + 1 - WINDOW_BUCKETS
        windows = [w for op in operators if (w := self._counts.window(cluster, op, area))]
        customers = frozenset(customer for window in windows for customer in window.customers(first, last))
        end = min(max(now, last * BUCKET_MS), (last + 1) * BUCKET_MS)
        start = _steepest(windows, first, last, mean / WINDOW_BUCKETS)
        return Alarm(cluster, named, area, start * BUCKET_MS, end, customers, mean, tail)


def _steepest(windows: list[DistinctWindow], first: int, last: int, per_bucket: float) -> int:
    """The bucket since when the excess is least like chance."""
    counts = {bucket: sum(window.in_bucket(bucket) for window in windows) for bucket in range(first, last + 1)}

    def tail(start: int) -> float:
        count = sum(number for bucket, number in counts.items() if bucket >= start)
        return upper_tail(count, per_bucket * (last + 1 - start), 1.0)

    return min((bucket for bucket in counts if counts[bucket]), key=lambda start: (tail(start), start))
