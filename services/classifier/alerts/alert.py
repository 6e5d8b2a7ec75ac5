"""What is worth an alert, and what it says. Pure: records in, alerts out."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

HOUR_MS: Final = 3_600_000
REMEMBERED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell. It holds no personal data: its text is masked, its places are areas."""

    key: str
    """The same whenever the same is told again: receivers drop what they know."""
    kind: str
    """incident or complaint."""
    about: str
    """Id of the incident or complaint."""
    is_over: bool
    severity: str
    """critical or warning."""
    title: str
    starts_at: int
    ends_at: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)


def of_incident(incident: Mapping[str, Any]) -> Alert:
    """The alert for a version of an incident. Versions that differ only in their count have the same key."""
    where = _where(incident)
    is_over = incident["status"] == "closed"
    told = (
        incident["incident_id"],
        is_over,
        incident["level"],
        incident["state"],
        sorted(incident["lgas"]),
        incident["is_ncc_reportable"],
        incident["compensation_due"],
    )
    duty = " Reportable to NCC." if incident["is_ncc_reportable"] else ""
    duty += " Compensation is due." if incident["compensation_due"] else ""
    verb = "is over" if is_over else "is going on"
    return Alert(
        key=_key("incident", told),
        kind="incident",
        about=incident["incident_id"],
        is_over=is_over,
        severity="critical" if incident["level"] != "lga" or incident["is_ncc_reportable"] else "warning",
        title=f"{_CLUSTERS.get(incident['cluster'], incident['cluster'])} outage in {where} {verb}.{duty}",
        starts_at=incident["started_at"],
        ends_at=incident["ended_at"],
        facts={
            name: incident[name]
            for name in (
                "cluster",
                "operator",
                "level",
                "state",
                "lgas",
                "customers",
                "expected",
                "p_value",
                "is_ncc_reportable",
                "compensation_due",
                "revision_no",
            )
        },
    )


def of_complaint(event: Mapping[str, Any]) -> Alert | None:
    """The alert for a gold event: a new P1 complaint that no replay brought and no incident explains; else None."""
    if (
        event["priority"] != "P1"
        or not event["is_complaint"]
        or event["action"] != "created"
        or event["generation"] != 0
        or event["duplicate_of"] is not None
        or event["incident_id"] is not None
    ):
        return None
    where = event["lga"] or event["state"]
    place = f" from {where}" if where else ""
    return Alert(
        key=_key("complaint", (event["complaint_id"],)),
        kind="complaint",
        about=event["complaint_id"],
        is_over=False,
        severity="critical" if event["risk"] in ("safety", "fraud", "regulatory") else "warning",
        title=f"P1 complaint about {event['category'].replace('_', ' ')}{place} ({event['channel']})",
        starts_at=event["occurred_at"],
        ends_at=None,
        facts={
            name: event[name]
            for name in (
                "text",
                "channel",
                "category",
                "subcategory",
                "urgency",
                "impact",
                "risk",
                "state",
                "lga",
                "operator",
                "language",
                "reasons",
                "first_contact_due_at",
                "resolve_due_at",
            )
        },
    )


def is_fresh(alert: Alert, now: int, max_age_ms: float) -> bool:
    """Whether it is recent enough to wake somebody; what is over is told however long it lasted."""
    return now - (alert.ends_at or alert.starts_at) <= max_age_ms or (alert.kind == "incident" and not alert.is_over)


class Told:
    """Remembers the keys of what was told, so that it is told once by this process.

    >>> told = Told(limit=2)
    >>> told.is_new("a"), told.is_new("a")
    (True, True)
    >>> told.add("a"); told.is_new("a")
    False
    """

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._keys: OrderedDict[str, None] = OrderedDict()

    def is_new(self, key: str) -> bool:
        """Whether it was not told yet."""
        return key not in self._keys

    def add(self, key: str) -> None:
        """It was told now."""
        self._keys[key] = None
        self._keys.move_to_end(key)
        while len(self._keys) > self._limit:
            self._keys.popitem(last=False)


_CLUSTERS: Final = {"network": "Network", "internet": "Internet", "service": "Recharge and service"}


def _where(incident: Mapping[str, Any]) -> str:
    if incident["level"] == "nation":
        return "several states"
    areas = [lga.partition("/")[2] for lga in incident["lgas"]]
    if incident["level"] == "state":
        return f"{incident['state']} ({len(areas)} areas)" if areas else str(incident["state"])
    shown = ", ".join(areas[:3]) + (f" and {len(areas) - 3} more" if len(areas) > 3 else "")
    return f"{shown}, {incident['state']}"


def _key(kind: str, told: tuple[Any, ...]) -> str:
    return hashlib.sha256(repr((kind, *told)).encode()).hexdigest()[:32]
