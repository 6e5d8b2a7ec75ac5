"""The outage detector: observations in, revisions of incidents out. Pure: time is passed in, nothing is read or sent.

Event time moves with the observations (and with ticks while none come): the newest bucket is where windows end. An
observation older than the window still counts in an incident that is open, raises none, and never reopens one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.classifier.outages.areas import AreaTree, is_local, is_state, state_of
from services.classifier.outages.calendar import Calendar
from services.classifier.outages.cusum import Ramp
from services.classifier.outages.expectation import Expectation, Expected
from services.classifier.outages.incidents import Alarm, IncidentBook, OpenIncident
from services.classifier.outages.rules import BUCKET_MS, DAY_MS, NATION, WINDOW_BUCKETS, WINDOW_MS, Rules
from services.classifier.outages.tail import upper_tail
from services.classifier.outages.windows import DistinctWindow

Place = tuple[str, str]
"""Cluster and area."""
Kind = tuple[str, str | None]
"""Cluster and operator."""
_LONGEST_GAP = DAY_MS // BUCKET_MS


class Detector:
    """Counts distinct customers by cluster, operator and area, and opens, updates and closes incidents.

    >>> detector = Detector(tree=AreaTree(["Lagos/Ikorodu", "Kano/Dala"]))
    >>> now = 1_800_000_000_000
    >>> for n in range(25):
    ...     seen = {"event_id": str(n), "complaint_id": str(n), "customer_key": f"k1_{n}", "cluster": "network",
    ...             "lgas": ["Lagos/Ikorodu"], "state": "Lagos", "operator": "Beejan", "occurred_at": now - 1000 * n}
    ...     detector.observe(seen, now)
    >>> [(i["status"], i["level"], i["lgas"], i["customers"]) for i in detector.judge(now)]
    [('opened', 'lga', ['Lagos/Ikorodu'], 25)]
    """

    def __init__(
        self, rules: Rules | None = None, tree: AreaTree | None = None, calendar: Calendar | None = None
    ) -> None:
        self.rules = rules or Rules()
        self.tree = tree or AreaTree()
        self.calendar = calendar or Calendar()
        self.book = IncidentBook(self.rules, self.tree)
        self.bucket = 0
        """Newest bucket of event time."""
        self.late = 0
        """Observations that came after their window."""
        self._windows: dict[Place, dict[str | None, DistinctWindow]] = {}
        self._expectations: dict[Kind, Expectation] = {}
        self._inner: dict[Place, set[str]] = {}
        """The areas seen right inside a state or the nation."""
        self._ramps: dict[tuple[str, str | None, str], Ramp] = {}
        self._dirty: set[Place] = set()
        self._is_replaying = False
        self._has_stepped = False
        self._pending: list[tuple[int, dict[Kind, dict[str, int]], dict[Kind, frozenset[str]]]] = []
        self.learned: set[Kind] = set()
        """Expectations that changed since somebody cleared this."""

    # -- taking in ---------------------------------------------------------------------------------------------

    def observe(self, observation: Mapping[str, Any], now: int) -> None:
        """Count one observation (a record as schemas/Observation.avsc says). A time ahead of `now` is taken as now."""
        at = min(observation["occurred_at"], now)
        bucket = at // BUCKET_MS
        if bucket > self.bucket:
            self._move(bucket, now)
        cluster, operator = observation["cluster"], observation["operator"]
        customer = observation["customer_key"] or observation["complaint_id"]
        areas = self.tree.of(observation)
        self.book.add_customer(cluster, operator, areas, at, customer)
        if bucket <= self.bucket - WINDOW_BUCKETS:
            self.late += 1
            return
        text_key = observation.get("text_key")
        for area in areas:
            by_operator = self._windows.setdefault((cluster, area), {})
            window = by_operator.get(operator)
            if window is None:
                window = by_operator[operator] = DistinctWindow(self.rules.copies_that_count)
            if window.add(customer, bucket, text_key):
                self._dirty.add((cluster, area))
                outer = state_of(area) if is_local(area) else NATION
                if outer != area:
                    self._inner.setdefault((cluster, outer), set()).add(area)

    def replay(self, observations: Iterable[Mapping[str, Any]], now: int) -> None:
        """Count again what was judged before a restart: windows and customers come back, nothing alarms or closes.

        Restore the incidents and expectations first.
        """
        self._is_replaying = True
        try:
            for observation in observations:
                self.observe(observation, now)
        finally:
            self._is_replaying = False
            self._dirty = set()

    def judge(self, now: int) -> list[dict[str, Any]]:
        """Test the areas that have new customers; revisions to publish, in order."""
        if self._dirty:
            self._alarm(self._dirty, now)
            self._dirty = set()
        return self._revisions(now)

    def tick(self, now: int) -> list[dict[str, Any]]:
        """Let event time reach `now`, as when nothing comes any more; revisions to publish, in order."""
        out = self.judge(now)
        bucket = now // BUCKET_MS
        if self.bucket and bucket > self.bucket:
            self._move(bucket, now)
        return out + self._revisions(now)

    def _revisions(self, now: int) -> list[dict[str, Any]]:
        at_step, self._has_stepped = self._has_stepped, False
        return self.book.changed(min(now, (self.bucket + 1) * BUCKET_MS), now, at_step=at_step)

    # -- event time --------------------------------------------------------------------------------------------

    def _move(self, bucket: int, now: int) -> None:
        """Close every bucket up to `bucket`."""
        if self.bucket == 0:
            self.bucket = bucket
            return
        if self._dirty:
            self._alarm(self._dirty, now)
            self._dirty = set()
        first = max(self.bucket, bucket - _LONGEST_GAP)
        for ended in range(first, bucket):
            self._end_bucket(ended, now)
            self.bucket = ended + 1
        self.bucket = bucket
        self._has_stepped = True

    def _end_bucket(self, bucket: int, now: int) -> None:
        end = (bucket + 1) * BUCKET_MS
        self._ramp(bucket, now)
        if not self._is_replaying:
            self._look_after_open(bucket, now)
        if end % WINDOW_MS == 0:
            self._learn(end, bucket)
        for place in list(self._windows):
            by_operator = self._windows[place]
            for operator in list(by_operator):
                if by_operator[operator].forget_before(bucket + 2 - WINDOW_BUCKETS):
                    del by_operator[operator]
            if not by_operator:
                del self._windows[place]
                cluster, area = place
                self._inner.pop(place, None)
                self._inner.get((cluster, state_of(area) if is_local(area) else NATION), set()).discard(area)

    def _is_silent(self, now: int) -> bool:
        """Whether this was judged before, or is so old that it only teaches what is usual."""
        return self._is_replaying or now - self.bucket * BUCKET_MS > DAY_MS

    # -- testing -----------------------------------------------------------------------------------------------

    def _alarm(self, places: Iterable[Place], now: int) -> None:
        """Test places and those around them, from small to large: what a smaller area explains alarms no larger one."""
        if self._is_silent(now):
            return
        places = set(places)
        locals_ = [place for place in places if is_local(place[1])]
        alarms = [alarm for place in sorted(locals_) for alarm in self._test(place, now)]
        for is_level in (is_state, _is_nation):
            for place in sorted(place for place in places if is_level(place[1])):
                alarms += self._test_rest(place, alarms, now)
        if alarms:
            self.book.take(alarms, now)

    def _test(self, place: Place, now: int) -> list[Alarm]:
        cluster, area = place
        out = []
        for operators, named in self._groups(place):
            count = sum(self._count(cluster, operator, area) for operator in operators)
            if count < self.rules.min_customers or self._is_planned(cluster, named, area):
                continue
            expected = self._expected(cluster, operators, area, now)
            tail = upper_tail(count, expected.mean, expected.dispersion)
            if tail < self.rules.alarm_tail:
                out.append(self._alarm_of(cluster, operators, named, area, expected.mean, tail, now))
        return out

    def _test_rest(self, place: Place, alarms: list[Alarm], now: int) -> list[Alarm]:
        """Test a state or the nation without what alarms in it, is in an open incident, or under planned work."""
        cluster, area = place
        out = []
        for operators, named in self._groups(place):
            count = sum(self._count(cluster, operator, area) for operator in operators)
            if count < self.rules.min_customers or self._is_planned(cluster, named, area):
                continue
            expected = self._expected(cluster, operators, area, now)
            if upper_tail(count, expected.mean, expected.dispersion) >= self.rules.alarm_tail:
                continue
            explained = self._explained(cluster, named, area, alarms)
            explained |= self._largest(cluster, operators, area, explained)
            count, mean = self._without(cluster, operators, explained, count, expected.mean, now)
            if count < self.rules.min_customers:
                continue
            tail = upper_tail(count, mean, expected.dispersion)
            if tail < self.rules.alarm_tail:
                out.append(self._alarm_of(cluster, operators, named, area, mean, tail, now))
        return out

    def _without(
        self, cluster: str, operators: tuple[str | None, ...], areas: Iterable[str], count: int, mean: float, now: int
    ) -> tuple[int, float]:
        """Count and expectation of an area without some areas in it."""
        least = mean / 10
        for area in areas:
            here = sum(self._count(cluster, operator, area) for operator in operators)
            count -= here
            mean -= min(float(here), self._expected(cluster, operators, area, now).mean)
        return count, max(mean, least)

    def _largest(self, cluster: str, operators: tuple[str | None, ...], area: str, but: set[str]) -> set[str]:
        """The fullest area inside: what is in one of them only is no affair of the larger area."""
        inside = [inner for inner in self._inner.get((cluster, area), ()) if inner not in but]
        full = max(inside, key=lambda a: (sum(self._count(cluster, op, a) for op in operators), a), default=None)
        return {full} if full else set()

    def _explained(self, cluster: str, operator: str | None, area: str, alarms: list[Alarm]) -> set[str]:
        """The largest areas inside `area` whose excess is accounted for."""
        found = {a.area for a in alarms if a.cluster == cluster and _same(a.operator, operator)}
        for incident in self.book.open.values():
            if incident.cluster == cluster and _same(incident.operator, operator):
                found.update(incident.areas)
        found |= self.calendar.areas(cluster, operator, self.bucket * BUCKET_MS)
        inside = {a for a in found if a not in (area, NATION) and (area == NATION or state_of(a) == area)}
        return {a for a in inside if is_state(a) or state_of(a) not in inside}

    def _groups(self, place: Place) -> list[tuple[tuple[str | None, ...], str | None]]:
        """Operators to count together, and the operator to name: those who name none go with the one named most."""
        _cluster, _area = place
        counts = {operator: window.count(self.bucket) for operator, window in self._windows.get(place, {}).items()}
        named = sorted((op for op in counts if op is not None and counts[op]), key=lambda op: (-counts[op], op or ""))
        if None not in counts or not counts[None]:
            return [((op,), op) for op in named]
        if not named:
            return [((None,), None)]
        first = named[0]
        enough = counts[first] >= self.rules.named_share * (counts[first] + counts[None])
        return [((first, None), first if enough else None)] + [((op,), op) for op in named[1:]]

    def _count(self, cluster: str, operator: str | None, area: str) -> int:
        window = self._windows.get((cluster, area), {}).get(operator)
        return window.count(self.bucket) if window else 0

    def _expected(self, cluster: str, operators: Iterable[str | None], area: str, now: int) -> Expected:
        """What to expect of the window that ends now; of a bucket that has just begun only as much as has passed."""
        start = (self.bucket + 1 - WINDOW_BUCKETS) * BUCKET_MS
        end = min(max(now, self.bucket * BUCKET_MS + 1), (self.bucket + 1) * BUCKET_MS)
        mean = variance = 0.0
        for operator in operators:
            nation = self._count(cluster, operator, NATION) - self._in_incidents(cluster, operator, area)
            here = self._count(cluster, operator, area)
            one = self.expectation(cluster, operator).window(area, end, end - start, nation, here)
            mean += one.mean
            variance += one.mean * one.dispersion
        return Expected(mean, variance / mean)

    def _in_incidents(self, cluster: str, operator: str | None, area: str) -> int:
        """Customers in the areas of open incidents outside this area: they say nothing of how busy the hour is."""
        outside = {
            inner
            for incident in self.book.open.values()
            if incident.cluster == cluster and _same(incident.operator, operator)
            for inner in incident.areas
            if inner != NATION and inner != area and state_of(inner) != area and inner != state_of(area)
        }
        return sum(self._count(cluster, operator, i) for i in outside if is_state(i) or state_of(i) not in outside)

    def _alarm_of(
        self,
        cluster: str,
        operators: tuple[str | None, ...],
        named: str | None,
        area: str,
        mean: float,
        tail: float,
        now: int,
    ) -> Alarm:
        first = self.bucket + 1 - WINDOW_BUCKETS
        windows = [w for op in operators if (w := self._windows.get((cluster, area), {}).get(op))]
        customers = frozenset(c for window in windows for c in window.customers(first, self.bucket))
        filled = [b for b in range(first, self.bucket + 1) if any(window.in_bucket(b) for window in windows)]
        start = self._steepest(windows, filled, mean)
        end = min(max(now, self.bucket * BUCKET_MS), (self.bucket + 1) * BUCKET_MS)
        return Alarm(cluster, named, area, start * BUCKET_MS, end, customers, mean, tail)

    def _steepest(self, windows: list[DistinctWindow], filled: list[int], mean: float) -> int:
        """The bucket since when the excess is least like chance."""
        per_bucket = mean / WINDOW_BUCKETS

        def tail(start: int) -> float:
            count = sum(window.in_bucket(b) for window in windows for b in filled if b >= start)
            return upper_tail(count, per_bucket * (self.bucket + 1 - start), 1.0)

        return min(filled, key=lambda start: (tail(start), start))

    # -- ramps -------------------------------------------------------------------------------------------------

    def _ramp(self, bucket: int, now: int) -> None:
        """Feed the ended bucket to the sums of ramps; those that reach the limit are tested since their start."""
        active = {key for key, ramp in self._ramps.items() if ramp.run}
        for (cluster, area), by_operator in self._windows.items():
            active.update(
                (cluster, operator, area) for operator, window in by_operator.items() if window.in_bucket(bucket)
            )
        alarms = []
        for cluster, operator, area in sorted(active, key=lambda k: (is_state(k[2]), k[0], k[1] or "", k[2])):
            if alarm := self._ramp_of(cluster, operator, area, bucket):
                alarms.append(alarm)
        self._ramps = {key: ramp for key, ramp in self._ramps.items() if ramp.run}
        if alarms and not self._is_silent(now):
            self.book.take(alarms, now)

    def _ramp_of(self, cluster: str, operator: str | None, area: str, bucket: int) -> Alarm | None:
        key = (cluster, operator, area)
        if area == NATION or self._is_planned(cluster, operator, area) or self._has_open(cluster, operator, area):
            self._ramps.pop(key, None)  # what an incident brought in must not ring again when it is over
            return None
        ramp = self._ramps.setdefault(key, Ramp())
        window = self._windows.get((cluster, area), {}).get(operator)
        customers = frozenset(window.customers(bucket, bucket)) if window else frozenset()
        nation = self._windows.get((cluster, NATION), {}).get(operator)
        nation_now = nation.in_bucket(bucket) if nation else 0
        end = (bucket + 1) * BUCKET_MS
        expected = self.expectation(cluster, operator).window(area, end, BUCKET_MS, nation_now, len(customers))
        if not ramp.step(bucket, customers, expected.mean, expected.dispersion, self.rules) or ramp.run is None:
            return None
        run = ramp.run
        number = len(run.customers) - self._largest_run(cluster, operator, area)
        dispersion = 1.0 + (expected.dispersion - 1.0) * run.buckets
        tail = upper_tail(number, run.expected, dispersion)
        if number < self.rules.min_customers or tail >= self.rules.alarm_tail:
            return None
        return Alarm(cluster, operator, area, run.first * BUCKET_MS, end, frozenset(run.customers), run.expected, tail)

    def _largest_run(self, cluster: str, operator: str | None, state: str) -> int:
        """Customers of the largest ramp inside a state: what ramps in one area only is no affair of the state."""
        inner = (self._ramps.get((cluster, operator, area)) for area in self._inner.get((cluster, state), ()))
        return max((len(ramp.run.customers) for ramp in inner if ramp and ramp.run), default=0)

    def _has_open(self, cluster: str, operator: str | None, area: str) -> bool:
        """Whether an incident is open in an area, or inside it."""
        return any(
            i.cluster == cluster and _same(i.operator, operator) and any(area in (a, state_of(a)) for a in i.areas)
            for i in self.book.open.values()
        )

    # -- open incidents ----------------------------------------------------------------------------------------

    def _look_after_open(self, bucket: int, now: int) -> None:
        """At the end of a bucket: which areas of open incidents are still above what is usual."""
        end = (bucket + 1) * BUCKET_MS
        still = {
            incident.incident_id: frozenset(area for area in incident.areas if self._is_elevated(incident, area, end))
            for incident in self.book.open.values()
        }
        self.book.step(still, end, now)

    def _is_elevated(self, incident: OpenIncident, area: str, end: int) -> bool:
        by_operator = self._windows.get((incident.cluster, area), {})
        operators = [op for op in by_operator if _same(op, incident.operator)]
        count = sum(self._count(incident.cluster, operator, area) for operator in operators)
        if count < 2:
            return False
        expected = self._expected(incident.cluster, operators, area, end)
        return upper_tail(count, expected.mean, expected.dispersion) < self.rules.stay_tail

    def _is_planned(self, cluster: str, operator: str | None, area: str) -> bool:
        return self.calendar.covers(cluster, operator, area, self.bucket * BUCKET_MS)

    # -- learning ----------------------------------------------------------------------------------------------

    def expectation(self, cluster: str, operator: str | None) -> Expectation:
        """What is learned of a cluster and operator."""
        kind = (cluster, operator)
        found = self._expectations.get(kind)
        if found is None:
            found = self._expectations[kind] = Expectation(self.tree)
        return found

    def _learn(self, end: int, bucket: int) -> None:
        """Keep the counts of the half hour for the next time: an outage in it may not have been found yet."""
        counts: dict[Kind, dict[str, int]] = {}
        for (cluster, area), by_operator in self._windows.items():
            for operator, window in by_operator.items():
                if number := window.count(bucket):
                    counts.setdefault((cluster, operator), {})[area] = number
        troubled = {kind: self._troubled(kind) for kind in {*self._expectations, *counts}}
        self._pending.append((end, counts, troubled))
        while len(self._pending) > 1:
            ended, seen, then = self._pending.pop(0)
            for kind in {*self._expectations, *seen}:
                self.expectation(*kind).learn(
                    ended, seen.get(kind, {}), then.get(kind, frozenset()) | troubled.get(kind, frozenset())
                )
                self.learned.add(kind)

    def _troubled(self, kind: Kind) -> frozenset[str]:
        """Areas from which nothing is to be learned now."""
        cluster, operator = kind
        areas: set[str] = set()
        for incident in self.book.open.values():
            if incident.cluster == cluster and _same(incident.operator, operator):
                areas.update(incident.areas)
                if incident.level == "nation":
                    areas.add(NATION)
        return frozenset(areas) | self.calendar.areas(cluster, operator, self.bucket * BUCKET_MS)


def _same(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _is_nation(area: str) -> bool:
    return area == NATION
