"""What the parts of the detector look at together."""

from dataclasses import dataclass, field

from services.classifier.outages.areas import AreaTree, is_local, is_state, state_of
from services.classifier.outages.calendar import Calendar
from services.classifier.outages.counts import Counts, Kind
from services.classifier.outages.expectation import Expectation, Expected
from services.classifier.outages.incidents import IncidentBook, compatible
from services.classifier.outages.rules import BUCKET_MS, NATION, WINDOW_BUCKETS, Rules


@dataclass(slots=True)
class Scene:
    """Counts, expectations, incidents and planned work."""

    rules: Rules
    tree: AreaTree
    calendar: Calendar
    counts: Counts
    book: IncidentBook
    expectations: dict[Kind, Expectation] = field(default_factory=dict)

    def expectation(self, cluster: str, operator: str | None) -> Expectation:
        """What is learned of a cluster and operator."""
        kind = (cluster, operator)
        found = self.expectations.get(kind)
        if found is None:
            found = self.expectations[kind] = Expectation(self.tree)
        return found

    def expected(self, cluster: str, operators: tuple[str | None, ...], area: str, now: int) -> Expected:
        """What to expect of the window that ends now; of a bucket that has just begun only as much as has passed."""
        bucket = self.counts.bucket
        start = (bucket + 1 - WINDOW_BUCKETS) * BUCKET_MS
        end = min(max(now, bucket * BUCKET_MS + 1), (bucket + 1) * BUCKET_MS)
        mean = variance = 0.0
        for operator in operators:
            nation = self.counts.of(cluster, operator, NATION) - self._in_incidents(cluster, operator, area)
            here = self.counts.of(cluster, operator, area)
            one = self.expectation(cluster, operator).window(area, end, end - start, nation, here)
            mean += one.mean
            variance += one.mean * one.dispersion
        return Expected(mean, variance / mean)

    def is_planned(self, cluster: str, operator: str | None, area: str) -> bool:
        """Whether planned work accounts for complaints from an area now."""
        return self.calendar.covers(cluster, operator, area, self.counts.bucket * BUCKET_MS)

    def troubled(self, cluster: str, operator: str | None) -> set[str]:
        """Areas of open incidents and under planned work: nothing there is as usual."""
        found = set(self.calendar.areas(cluster, operator, self.counts.bucket * BUCKET_MS))
        for incident in self.book.open.values():
            if incident.cluster == cluster and compatible(incident.operator, operator):
                found.update(incident.areas)
                if incident.level == "nation":
                    found.add(NATION)
        return found

    def _in_incidents(self, cluster: str, operator: str | None, area: str) -> int:
        """Customers in the areas of open incidents apart from this area: they say nothing of how busy the hour is."""
        apart = {
            inner
            for incident in self.book.open.values()
            if incident.cluster == cluster and compatible(incident.operator, operator)
            for inner in incident.areas
            if inner not in (NATION, area, state_of(area)) and state_of(inner) != area
        }
        return sum(self.counts.of(cluster, operator, inner) for inner in largest(apart))


def largest(areas: set[str]) -> set[str]:
    """Areas without those that lie in another of them."""
    return {area for area in areas if not is_local(area) or state_of(area) not in areas}


def level(area: str) -> int:
    """0 for a local area, 1 for a state, 2 for the nation."""
    return 0 if is_local(area) else 1 if is_state(area) else 2
