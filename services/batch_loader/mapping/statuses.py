"""Statuses of sources in the words of TM Forum's TMF621."""

from collections.abc import Mapping

from services.batch_loader.mapping.headers import squeeze
from services.domain.vocabulary import STATUSES

_NAMES = {
    "acknowledged": "backlog, new, open, opened, logged, received, submitted, registered, acknowledged",
    "inProgress": "in progress, reopened, wip, work in progress, ongoing, processing, assigned, escalated",
    "held": "blocked, on hold, hold, held, suspended",
    "pending": "pending, awaiting customer, pending customer, waiting",
    "resolved": "resolved, solved, fixed, completed, done",
    "closed": "closed",
    "cancelled": "cancelled, canceled, withdrawn",
    "rejected": "rejected, invalid, declined",
}
DEFAULTS: dict[str, str] = {squeeze(name): status for status, names in _NAMES.items() for name in names.split(", ")}
"""Squeezed names of statuses, in TMF621's words."""


class Statuses:
    """A source's mapping: its own entries over the defaults; unknown statuses stay as they are, for a person to map.

    >>> Statuses().of("In-Progress"), Statuses({"Parked": "held"}).of("PARKED"), Statuses().of("Zzz")
    ('inProgress', 'held', None)
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._map = DEFAULTS | {squeeze(name): status for name, status in (own or {}).items()}
        unknown = sorted(set(self._map.values()) - set(STATUSES))
        if unknown:
            raise ValueError(f"unknown status {unknown[0]!r}: use one of {', '.join(STATUSES)}")

    def of(self, raw: str) -> str | None:
        """The TMF621 status, or None for a status that nobody has mapped."""
        return self._map.get(squeeze(raw))
