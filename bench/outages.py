"""The outage detector on a simulated country: false alarms, bursts found and missed, and how fast.

Two weeks are learned first, then days are simulated with outages put into them. An incident that is not at the place
and time of one of them is a false alarm. docs/outages.md says what is simulated.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.figures import Figure
from bench.outages_world import CLUSTERS, EPOCH, OPERATORS, Country, Outage, steps
from services.classifier.outages import Detector
from services.classifier.outages.areas import state_of
from services.classifier.outages.desk import area_tree
from services.classifier.outages.rules import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, NATION, WINDOW_MS
from services.domain.places import Gazetteer

WARM_UP_DAYS = 14
EVERY_MS = 5 * HOUR_MS
"""One outage every five hours."""
LENGTH_MS = 30 * MINUTE_MS
"""Its customers complain within half an hour."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    per_day: int
    customers: int
    days: int
    step_minutes: int
    by_share: bool
    """Where outages are: in areas drawn by their share of complaints, or each alike."""


@dataclass(slots=True)
class Outcome:
    """What a scenario gave."""

    delays: list[float] = field(default_factory=list)
    """Minutes from the first complaint to the incident."""
    outages: int = 0
    false_alarms: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


class Crowd:
    """Stands in for DistinctWindow: customers are numbers, all of them different."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._buckets: dict[int, int] = {}

    def add(self, bucket: int, number: int) -> None:
        self._buckets[bucket] = self._buckets.get(bucket, 0) + number

    def count(self, bucket: int) -> int:
        return sum(n for b, n in self._buckets.items() if bucket - 6 < b <= bucket)

    def in_bucket(self, bucket: int) -> int:
        return self._buckets.get(bucket, 0)

    def customers(self, first: int, last: int) -> Iterator[str]:
        for bucket, number in self._buckets.items():
            if first <= bucket <= last:
                yield from (f"{self._name}{bucket}.{n}" for n in range(number))

    def forget_before(self, bucket: int) -> bool:
        for old in [b for b in self._buckets if b < bucket]:
            del self._buckets[old]
        return not self._buckets


class CountingDetector(Detector):
    """The detector, fed with counts instead of observations."""

    def feed(self, cluster: str, operator: str | None, areas: tuple[str, ...], at: int, number: int) -> None:
        bucket = at // BUCKET_MS
        if bucket > self.counts.bucket:
            self.move(bucket, at)
        for area in areas:
            by_operator: dict[Any, Any] = self.counts._windows.setdefault((cluster, area), {})
            if operator not in by_operator:
                by_operator[operator] = Crowd(f"{cluster}{operator}{area}")
            by_operator[operator].add(bucket, number)
            self.counts.mark(cluster, area)


def simulate(scenario: Scenario, seed: int) -> Outcome:
    """Warm up, then live through the days."""
    gazetteer = Gazetteer.load()
    country = Country(gazetteer.lgas(), scenario.per_day, seed)
    detector = CountingDetector(tree=area_tree(gazetteer))
    start = EPOCH + WARM_UP_DAYS * DAY_MS
    began = time.perf_counter()
    _warm_up(detector, country, start)
    outages = list(_outages(scenario, country, start))
    outcome = Outcome(outages=len(outages))
    opened: list[dict[str, Any]] = []
    for at in steps(start, start + scenario.days * DAY_MS, scenario.step_minutes):
        length = scenario.step_minutes * MINUTE_MS
        end = at + length - 1
        for cluster, operator, area, state, number in country.complaints(at, length):
            areas = _areas(country, area, state)
            detector.feed(cluster, operator, areas, end, number)
        for outage in outages:
            if number := sum(at <= moment < at + length for moment in outage.moments):
                named = int(country.random.binomial(number, OPERATORS["Beejan"]))
                areas = _areas(country, outage.area, None)
                detector.feed("network", "Beejan", areas, end, named)
                detector.feed("network", None, areas, end, number - named)
        opened += [i | {"at": end} for i in detector.tick(end) if i["status"] == "opened"]
    _score(outcome, opened, outages, country)
    outcome.seconds = time.perf_counter() - began
    return outcome


def _areas(country: Country, area: int | None, state: str | None) -> tuple[str, ...]:
    if area is None:
        return (state or NATION, NATION)
    lga = country.lgas[area]
    return (lga, state_of(lga), NATION)


def _warm_up(detector: Detector, country: Country, until: int) -> None:
    for at in steps(EPOCH, until, 30):
        counts: dict[tuple[str, str | None], dict[str, int]] = {
            (cluster, operator): {} for cluster in CLUSTERS for operator in OPERATORS
        }
        for cluster, operator, area, state, number in country.complaints(at, WINDOW_MS):
            seen = counts[cluster, operator]
            for name in _areas(country, area, state):
                seen[name] = seen.get(name, 0) + number
        for kind, seen in counts.items():
            detector.expectation(*kind).learn(at + WINDOW_MS, seen, frozenset())


def _outages(scenario: Scenario, country: Country, start: int) -> Iterator[Outage]:
    for at in range(start + EVERY_MS // 2, start + scenario.days * DAY_MS - HOUR_MS, EVERY_MS):
        begin = at + int(country.random.integers(0, HOUR_MS)) // MINUTE_MS * MINUTE_MS
        if scenario.by_share:
            area = int(country.random.choice(len(country.lgas), p=country.shares))
        else:
            area = int(country.random.integers(len(country.lgas)))
        moments = country.random.integers(begin, begin + LENGTH_MS, scenario.customers)
        yield Outage(area, begin, begin + LENGTH_MS, tuple(int(moment) for moment in moments))


def _score(outcome: Outcome, opened: list[dict[str, Any]], outages: list[Outage], country: Country) -> None:
    left = list(opened)
    for outage in outages:
        lga = country.lgas[outage.area]
        mine = [
            i
            for i in left
            if i["cluster"] == "network"
            and outage.start <= i["at"] <= outage.end + HOUR_MS
            and (lga in i["lgas"] or i["state"] == state_of(lga))
        ]
        for incident in mine:
            left.remove(incident)
        if mine:
            outcome.delays.append((min(i["at"] for i in mine) + 1 - outage.start) / MINUTE_MS)
    outcome.false_alarms = left


def measure(quick: bool = False) -> list[Figure]:
    """All scenarios; fewer days when quick."""
    rows = [
        (Scenario(5_000, 20, 3 if quick else 14, 1, by_share=False), 10.0, None),
        (Scenario(50_000, 30, 1 if quick else 6, 5, by_share=False), None, None),
        (Scenario(1_000_000, 60, 1 if quick else 2, 5, by_share=False), 25.0, 0.5),
    ]
    if not quick:  # half of these are where no detector could see them: docs/outages.md
        rows.append((Scenario(1_000_000, 60, 2, 5, by_share=True), None, None))
    figures = []
    for scenario, within, missed_at_most in rows:
        figures += _figures(scenario, simulate(scenario, seed=5), within, missed_at_most)
    return figures


def _figures(scenario: Scenario, outcome: Outcome, within: float | None, missed_at_most: float | None) -> list[Figure]:
    where = "by share" if scenario.by_share else "anywhere"
    name = f"{scenario.per_day:,} a day, {scenario.customers} in an area {where}"
    found = len(outcome.delays)
    missed = 1 - found / outcome.outages if outcome.outages else 0.0
    note = f"{scenario.days} days, {outcome.outages} outages, {outcome.seconds:.0f} s"
    return [
        Figure(f"{name}: false alarms", len(outcome.false_alarms) / scenario.days, "a day", 1.0, True, note),
        Figure(f"{name}: found after", median(outcome.delays) if found else 999.0, "min (median)", within, True),
        Figure(f"{name}: missed", missed, "of all", missed_at_most, True),
    ]
