"""The outage detector: observations in, revisions of incidents out. Pure: time is passed in, nothing is read or sent.

Event time moves with the observations (and with ticks while none come): the newest bucket is where windows end. An
observation older than the window still counts in an incident that is open, raises none, and never reopens one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.classifier.outages.areas import AreaTree
from services.classifier.outages.calendar import Calendar
from services.classifier.outages.counts import Counts, Kind
from services.classifier.outages.expectation import Expectation
from services.classifier.outages.incidents import IncidentBook
from services.classifier.outages.judge import Judge
from services.classifier.outages.lessons import Lessons
from services.classifier.outages.ramps import Ramps
from services.classifier.outages.rules import BUCKET_MS, DAY_MS, WINDOW_BUCKETS, WINDOW_MS, Rules
from services.classifier.outages.scene import Scene

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
        rules, tree = rules or Rules(), tree or AreaTree()
        self.counts = Counts(rules.copies_that_count)
        self.book = IncidentBook(rules, tree)
        self._scene = Scene(rules, tree, calendar or Calendar(), self.counts, self.book)
        self._judge = Judge(self._scene)
        self._ramps = Ramps(self._scene)
        self._lessons = Lessons(self._scene)
        self.late = 0
        """Observations that came after their window."""
        self._is_replaying = False
        self._has_stepped = False

    @property
    def learned(self) -> set[Kind]:
        """Expectations (cluster, operator) that changed since somebody cleared this."""
        return self._lessons.learned

    @property
    def expectations(self) -> Mapping[Kind, Expectation]:
        """What is learned, by cluster and operator."""
        return self._scene.expectations

    def expectation(self, cluster: str, operator: str | None) -> Expectation:
        """What is learned of a cluster and operator, to be kept or restored."""
        return self._scene.expectation(cluster, operator)

    def plan(self, calendar: Calendar) -> None:
        """Take another calendar of planned work."""
        self._scene.calendar = calendar

    def observe(self, observation: Mapping[str, Any], now: int) -> None:
        """Count one observation (a record as schemas/Observation.avsc says). A time ahead of `now` is taken as now."""
        at = min(observation["occurred_at"], now)
        bucket = at // BUCKET_MS
        if bucket > self.counts.bucket:
            self.move(bucket, now)
        cluster, operator = observation["cluster"], observation["operator"]
        customer = observation["customer_key"] or observation["complaint_id"]
        areas = self._scene.tree.of(observation)
        self.book.add_customer(cluster, operator, areas, at, customer)
        if bucket <= self.counts.bucket - WINDOW_BUCKETS:
            self.late += 1
            return
        self.counts.add(cluster, operator, areas, customer, bucket, observation.get("text_key"))

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
            self.counts.changed()

    def judge(self, now: int) -> list[dict[str, Any]]:
        """Test the areas that have new customers; revisions to publish, in order."""
        self._take_alarms(now)
        at_step, self._has_stepped = self._has_stepped, False
        event_time = min(now, (self.counts.bucket + 1) * BUCKET_MS)
        return self.book.changed(event_time, now, at_step=at_step)

    def tick(self, now: int) -> list[dict[str, Any]]:
        """Let event time reach `now`, as when nothing comes any more; revisions to publish, in order."""
        out = self.judge(now)
        bucket = now // BUCKET_MS
        if self.counts.bucket and bucket > self.counts.bucket:
            self.move(bucket, now)
        return out + self.judge(now)

    def move(self, bucket: int, now: int) -> None:
        """Let event time reach a bucket: those before it have ended."""
        if self.counts.bucket:
            self._take_alarms(now)
            for ended in range(max(self.counts.bucket, bucket - _LONGEST_GAP), bucket):
                self.counts.bucket = ended
                self._end_bucket(ended, now)
            self._has_stepped = True
        self.counts.bucket = bucket

    def _end_bucket(self, bucket: int, now: int) -> None:
        end = (bucket + 1) * BUCKET_MS
        ramps = self._ramps.alarms(bucket)
        if not self._is_silent(now):
            self.book.take(ramps, now)
        if not self._is_replaying:
            still = {
                incident.incident_id: frozenset(a for a in incident.areas if self._judge.is_elevated(incident, a, end))
                for incident in self.book.open.values()
            }
            self.book.step(still, end, now)
        if end % WINDOW_MS == 0:
            self._lessons.half_hour(end)
        self.counts.slide()

    def _take_alarms(self, now: int) -> None:
        changed = self.counts.changed()
        if changed and not self._is_silent(now):
            self.book.take(self._judge.alarms(changed, now), now)

    def _is_silent(self, now: int) -> bool:
        """Whether this was judged before, or is so old that it only teaches what is usual."""
        return self._is_replaying or now - self.counts.bucket * BUCKET_MS > DAY_MS
