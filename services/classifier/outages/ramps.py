"""Slow ramps over all series: which to look at, and since when."""

from services.classifier.outages.areas import state_of
from services.classifier.outages.counts import Series
from services.classifier.outages.cusum import Ramp
from services.classifier.outages.incidents import Alarm
from services.classifier.outages.rules import BUCKET_MS, NATION
from services.classifier.outages.scene import Scene, level
from services.classifier.outages.tail import upper_tail


class Ramps:
    """One sum for each series that is above what is usual."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ramps: dict[Series, Ramp] = {}

    def alarms(self, bucket: int) -> list[Alarm]:
        """Feed a bucket that has ended; alarms of the ramps that reached the limit."""
        active = {series for series, ramp in self._ramps.items() if ramp.run}
        active.update(self._scene.counts.seen_in(bucket))
        out = []
        for series in sorted(active, key=lambda s: (level(s[2]), s[0], s[1] or "", s[2])):
            if alarm := self._alarm(series, bucket):
                out.append(alarm)
        self._ramps = {series: ramp for series, ramp in self._ramps.items() if ramp.run}
        return out

    def _alarm(self, series: Series, bucket: int) -> Alarm | None:
        cluster, operator, area = series
        if area == NATION or self._is_known(series):
            self._ramps.pop(series, None)  # what an incident brought in must not ring again when it is over
            return None
        ramp = self._ramps.setdefault(series, Ramp())
        counts, rules = self._scene.counts, self._scene.rules
        window, nation = counts.window(*series), counts.window(cluster, operator, NATION)
        customers = frozenset(window.customers(bucket, bucket)) if window else frozenset()
        nation_now = nation.in_bucket(bucket) if nation else 0
        end = (bucket + 1) * BUCKET_MS
        expectation = self._scene.expectation(cluster, operator)
        expected = expectation.window(area, end, BUCKET_MS, nation_now, len(customers))
        if not ramp.step(bucket, customers, expected.mean, expected.dispersion, rules) or ramp.run is None:
            return None
        run = ramp.run
        number = len(run.customers) - self._largest_inside(series)
        # rates waver for hours: over a longer time the dispersion is that much larger
        tail = upper_tail(number, run.expected, 1.0 + (expected.dispersion - 1.0) * run.buckets)
        if number < rules.min_customers or tail >= rules.alarm_tail:
            return None
        start = run.first * BUCKET_MS
        return Alarm(cluster, operator, area, start, end, frozenset(run.customers), run.expected, tail)

    def _is_known(self, series: Series) -> bool:
        """Whether an incident is open, or work planned, in an area or inside it."""
        cluster, operator, area = series
        return any(area in (known, state_of(known)) for known in self._scene.troubled(cluster, operator)) or (
            self._scene.is_planned(cluster, operator, area)
        )

    def _largest_inside(self, series: Series) -> int:
        """Customers of the largest ramp inside a state: what ramps in one area only is no affair of the state."""
        cluster, operator, area = series
        inside = (self._ramps.get((cluster, operator, inner)) for inner in self._scene.counts.inside(cluster, area))
        return max((len(ramp.run.customers) for ramp in inside if ramp and ramp.run), default=0)
