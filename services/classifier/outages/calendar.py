"""Planned outages: announced work in an area that must raise no incident."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from services.classifier.outages.areas import is_local, state_of
from services.classifier.outages.rules import NATION, WINDOW_MS
from services.runtime.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Planned:
    """One announced outage. None for cluster or operator means all."""

    area: str
    """State/LGA, a state, or NG for the whole country."""
    start: int
    end: int
    """Milliseconds since the epoch, UTC. Complaints follow for a while: half an hour more is accounted for."""
    cluster: str | None = None
    operator: str | None = None

    def covers(self, cluster: str, operator: str | None, area: str, at: int) -> bool:
        """Whether complaints of this kind, from this area, at this time are accounted for."""
        return (
            self.start <= at < self.end + WINDOW_MS
            and self.cluster in (None, cluster)
            and (self.operator is None or operator in (None, self.operator))
            and (self.area in (NATION, area, state_of(area)) or (is_local(area) and self.area in area.split("+")))
        )


class Calendar:
    """All planned outages.

    >>> calendar = Calendar([Planned("Lagos/Epe", 0, 3_600_000)])
    >>> calendar.covers("network", "Beejan", "Lagos/Epe", 10), calendar.covers("network", "Beejan", "Lagos", 10)
    (True, False)
    """

    def __init__(self, planned: Iterable[Planned] = ()) -> None:
        self.planned = tuple(planned)

    def covers(self, cluster: str, operator: str | None, area: str, at: int) -> bool:
        """Whether some planned outage accounts for this."""
        return any(entry.covers(cluster, operator, area, at) for entry in self.planned)

    def areas(self, cluster: str, operator: str | None, at: int) -> frozenset[str]:
        """The areas under planned work now."""
        return frozenset(p.area for p in self.planned if p.covers(cluster, operator, p.area, at))

    @classmethod
    def load(cls, path: Path) -> "Calendar":
        """Read a YAML list of {area, start, end, cluster, operator}; SettingsError says which entry is wrong.

        start and end are ISO 8601 with an offset: 2026-03-01T22:00:00+01:00.
        """
        try:
            entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"planned outages: cannot read {path} ({type(error).__name__}); mend the file"
            ) from error
        if not isinstance(entries, list):
            raise SettingsError(f"planned outages: {path} must hold a list of entries with area, start and end")
        return cls(_planned(entry, number, path) for number, entry in enumerate(entries, 1))


def _planned(entry: Any, number: int, path: Path) -> Planned:
    try:
        start, end = _time(entry["start"]), _time(entry["end"])
        area = str(entry["area"])
        if start >= end:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"planned outages: entry {number} of {path} needs area, and start before end as ISO 8601 with offset"
        ) from error
    return Planned(area, start, end, entry.get("cluster"), entry.get("operator"))


def _time(value: Any) -> int:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError
    return int(at.timestamp() * 1000)
