"""Incidents: alarms joined in space and time, with a stable id, a level, and an end."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.classifier.outages.areas import AreaTree, is_local, is_state, lgas_of, state_of
from services.classifier.outages.rules import BUCKET_MS, NATION, Rules

_NAMESPACE = uuid.UUID("6c1f0f0e-2a55-4d0c-9b53-0f6a3f1f7c11")


@dataclass(frozen=True, slots=True)
class Alarm:
    """An area whose customers are too many to be chance."""

    cluster: str
    operator: str | None
    area: str
    start: int
    """Start of the window that alarmed, ms."""
    end: int
    """End of it: event time of the alarm."""
    customers: frozenset[str]
    expected: float
    tail: float


@dataclass(slots=True)
class OpenIncident:
    """An incident that has not ended."""

    incident_id: str
    cluster: str
    operator: str | None
    level: str
    state: str | None
    started_at: int
    detected_at: int
    last_alarm: int
    expected: float
    tail: float
    areas: dict[str, int] = field(default_factory=dict)
    """Areas concerned, in order of alarm, with the event time of their latest alarm."""
    customers: set[str] = field(default_factory=set)
    counted_before: int = 0
    """Customers published before a restart; the set grows back as observations are read again."""
    quiet: int = 0
    revision_no: int = -1
    published: tuple[Any, ...] = ()
    published_customers: int = 0
    is_reportable: bool = False
    compensation_due: bool = False
    """Both stay once true."""

    def number_of_customers(self) -> int:
        """Distinct customers so far."""
        return max(len(self.customers), self.counted_before)

    def lgas(self) -> list[str]:
        """Local government areas concerned, sorted."""
        return sorted({lga for area in self.areas for lga in lgas_of(area)})

    def counted_areas(self) -> int:
        """How many areas are surely hit: a town over several counts once, and not beside one of its own areas."""
        single = {area for area in self.areas if is_local(area) and "+" not in area}
        towns = [a for a in self.areas if "+" in a and not single & set(lgas_of(a))]
        return len(single) + len(towns)

    def covers(self, cluster: str, operator: str | None, areas: Iterable[str]) -> bool:
        """Whether a complaint from these areas belongs to it."""
        if cluster != self.cluster or not compatible(operator, self.operator):
            return False
        if self.level == "nation":
            return True
        if self.level == "state" and self.state:
            return self.state in areas
        mine = set(self.lgas())
        return any(lga in mine for area in areas for lga in lgas_of(area))


def compatible(one: str | None, other: str | None) -> bool:
    """Whether two operators may be the same: complaints often name none."""
    return one is None or other is None or one == other


class IncidentBook:
    """The open incidents, and the rules by which they open, join, rise and close.

    Methods return nothing; changed() gives the revisions to publish.
    """

    def __init__(self, rules: Rules, tree: AreaTree) -> None:
        self._rules = rules
        self._tree = tree
        self.open: dict[str, OpenIncident] = {}
        self._closed: list[dict[str, Any]] = []

    def take(self, alarms: Iterable[Alarm], now: int) -> None:
        """Join alarms to open incidents or open new ones; smallest areas first."""
        order = {"local": 0, "state": 1, "nation": 2}
        for alarm in sorted(alarms, key=lambda a: (order[_level_of(a.area)], a.tail, a.area)):
            incident = self._home(alarm)
            if incident is None:
                incident = self._new(alarm, now)
            self._join(incident, alarm)
        self._rise(now)

    def add_customer(self, cluster: str, operator: str | None, areas: tuple[str, ...], at: int, customer: str) -> bool:
        """Count a customer in the open incidents that their complaint belongs to."""
        changed = False
        for incident in self.open.values():
            if (
                at >= incident.started_at
                and incident.covers(cluster, operator, areas)
                and (customer not in incident.customers)
            ):
                incident.customers.add(customer)
                changed = True
        return changed

    def step(self, still: Mapping[str, frozenset[str]], end: int, now: int) -> None:
        """A bucket ended: incidents of whose areas none is in `still` (by incident id) had a quiet window."""
        for incident in list(self.open.values()):
            areas = still.get(incident.incident_id, frozenset())
            if areas:
                incident.quiet = 0
                incident.last_alarm = max(incident.last_alarm, end)
                for area in areas:
                    incident.areas[area] = end
                continue
            incident.quiet += 1
            if incident.quiet >= self._rules.quiet_windows:
                self._close(incident, now)

    def changed(self, at: int, now: int, *, at_step: bool) -> list[dict[str, Any]]:
        """Revisions to publish since the last call; `at` is event time, `now` the clock.

        What an incident is (areas, level, operator, duties) is published at once; a growing count at a step only.
        """
        out, self._closed = self._closed, []
        for incident in self.open.values():
            is_new = incident.revision_no < 0
            facts = self._facts(incident, at)
            grew = incident.number_of_customers() != incident.published_customers
            if is_new or facts != incident.published or (at_step and grew):
                out.append(self._publish(incident, "opened" if is_new else "updated", facts, None, now))
        return out

    def restore(self, record: Mapping[str, Any]) -> None:
        """Take up an incident as it was published."""
        self.open.pop(record["incident_id"], None)
        if record["status"] == "closed":
            return
        areas = dict.fromkeys(self._tree.grouped(record["lgas"]), record["updated_at"])
        if record["level"] == "state" and record["state"]:
            areas[record["state"]] = record["updated_at"]
        if record["level"] == "nation":
            areas[NATION] = record["updated_at"]
        incident = OpenIncident(
            incident_id=record["incident_id"],
            cluster=record["cluster"],
            operator=record["operator"],
            level=record["level"],
            state=record["state"],
            started_at=record["started_at"],
            detected_at=record["detected_at"],
            last_alarm=record["updated_at"],
            expected=record["expected"],
            tail=record["p_value"],
            areas=areas,
            counted_before=record["customers"],
            revision_no=record["revision_no"],
            published_customers=record["customers"],
            is_reportable=record["is_ncc_reportable"],
            compensation_due=record["compensation_due"],
        )
        incident.published = self._facts(incident, record["updated_at"])
        self.open[incident.incident_id] = incident

    def _home(self, alarm: Alarm) -> OpenIncident | None:
        state = None if alarm.area == NATION else state_of(alarm.area)
        candidates = [
            incident
            for incident in self.open.values()
            if incident.cluster == alarm.cluster
            and compatible(incident.operator, alarm.operator)
            and (state is None or incident.level == "nation" or incident.state == state)
            and alarm.end - incident.last_alarm <= self._rules.join_ms
        ]
        # an incident that knows the area, then one that names the operator, then the oldest
        return min(
            candidates,
            key=lambda i: (
                alarm.area not in i.areas,
                i.operator != alarm.operator,
                i.started_at,
                i.incident_id,
            ),
            default=None,
        )

    def _new(self, alarm: Alarm, now: int) -> OpenIncident:
        state = None if alarm.area == NATION else state_of(alarm.area)
        window = alarm.start // BUCKET_MS
        name = f"{alarm.cluster}|{alarm.operator or ''}|{state or ''}|{window}"
        incident = OpenIncident(
            incident_id=str(uuid.uuid5(_NAMESPACE, name)),
            cluster=alarm.cluster,
            operator=alarm.operator,
            level=_level_name(alarm.area),
            state=state,
            started_at=alarm.start,
            detected_at=now,
            last_alarm=alarm.end,
            expected=alarm.expected,
            tail=alarm.tail,
        )
        self.open[incident.incident_id] = incident
        return incident

    def _join(self, incident: OpenIncident, alarm: Alarm) -> None:
        incident.areas[alarm.area] = alarm.end
        incident.last_alarm = max(incident.last_alarm, alarm.end)
        incident.quiet = 0
        incident.customers |= alarm.customers
        if incident.operator is None:
            incident.operator = alarm.operator
        if alarm.tail < incident.tail:
            incident.tail, incident.expected = alarm.tail, alarm.expected
        local = [area for area in incident.areas if is_local(area)]
        if alarm.area == NATION:
            incident.level, incident.state = "nation", None
        elif incident.level == "lga" and (is_state(alarm.area) or len(local) >= self._rules.areas_for_state):
            incident.level = "state"

    def _rise(self, now: int) -> None:
        """Join incidents of three states, and those beside a national one, into the oldest."""
        for first in sorted(self.open.values(), key=lambda i: (i.level != "nation", i.started_at, i.incident_id)):
            if first.incident_id not in self.open:
                continue
            others = [
                other
                for other in self.open.values()
                if other is not first and other.cluster == first.cluster and other.operator == first.operator
            ]
            states = {i.state for i in (first, *others) if i.state}
            if first.level == "nation" or len(states) >= self._rules.states_for_nation:
                for other in others:
                    self._absorb(first, other, now)
                first.level, first.state = "nation", None

    def _absorb(self, into: OpenIncident, other: OpenIncident, now: int) -> None:
        for area, at in other.areas.items():
            into.areas[area] = max(at, into.areas.get(area, 0))
        into.customers |= other.customers
        into.counted_before = max(into.counted_before, other.counted_before)
        into.last_alarm = max(into.last_alarm, other.last_alarm)
        into.tail = min(into.tail, other.tail)
        if other.revision_no >= 0:
            self._close(other, now)
        else:
            del self.open[other.incident_id]  # nobody has heard of it

    def _close(self, incident: OpenIncident, now: int) -> None:
        del self.open[incident.incident_id]
        facts = self._facts(incident, incident.last_alarm)
        self._closed.append(self._publish(incident, "closed", facts, incident.last_alarm, now))

    def _facts(self, incident: OpenIncident, at: int) -> tuple[Any, ...]:
        incident.is_reportable |= incident.level == "nation" or (
            incident.counted_areas() >= self._rules.reportable_areas
        )
        incident.compensation_due |= at - incident.started_at > self._rules.compensation_ms
        return (
            incident.level,
            incident.state,
            incident.operator,
            tuple(incident.lgas()),
            incident.is_reportable,
            incident.compensation_due,
        )

    def _publish(
        self, incident: OpenIncident, status: str, facts: tuple[Any, ...], ended_at: int | None, now: int
    ) -> dict[str, Any]:
        incident.revision_no += 1
        incident.published = facts
        incident.published_customers = incident.number_of_customers()
        level, state, operator, lgas, reportable, compensation = facts
        return {
            "incident_id": incident.incident_id,
            "status": status,
            "cluster": incident.cluster,
            "operator": operator,
            "level": level,
            "state": state,
            "lgas": list(lgas),
            "started_at": incident.started_at,
            "detected_at": incident.detected_at,
            "updated_at": now,
            "ended_at": ended_at,
            "customers": incident.published_customers,
            "expected": incident.expected,
            "p_value": incident.tail,
            "is_ncc_reportable": reportable,
            "compensation_due": compensation,
            "revision_no": incident.revision_no,
        }


def _level_of(area: str) -> str:
    return "nation" if area == NATION else "state" if is_state(area) else "local"


def _level_name(area: str) -> str:
    return "nation" if area == NATION else "state" if is_state(area) else "lga"
