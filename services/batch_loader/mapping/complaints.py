"""From a row to a complaint: what it says about whom, when and with which status; or why it says nothing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from services.batch_loader.mapping.columns import ColumnMap, clean, getter
from services.batch_loader.mapping.dates import Times
from services.batch_loader.mapping.statuses import Statuses
from services.batch_loader.records import Fault, Row
from services.domain.bronze import timestamp_fault

_IDENTIFIERS = ("msisdn", "account", "email", "handle")
_NOT_FIELDS = {*_IDENTIFIERS, "own_id", "occurred_at", "time_of_day", "revised_at", "generated_at", "text", "status"}
_NOT_FIELDS |= {"language", "recipient"}
MAX_OWN_ID = 200


class Complaint(NamedTuple):
    """What one row says, raw. Times in ms UTC."""

    own_id: str
    identifiers: tuple[tuple[str, str], ...]
    recipient: str
    text: str
    occurred_at: int
    revised_at: int | None
    """When the source says that it last changed the row, where it says so."""
    language: str
    fields: dict[str, str]

    def digest(self) -> bytes:
        """Eight bytes that differ when the content does; when a row was exported is no content."""
        parts = [self.own_id, self.recipient, self.text, str(self.occurred_at), str(self.revised_at), self.language]
        parts += [part for pair in self.identifiers for part in pair]
        parts += [part for pair in sorted(self.fields.items()) for part in pair]
        joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(joined, digest_size=8).digest()


class Understanding:
    """Reads rows with certain columns as complaints.

    zone: of times that name none. received_at: the run's time in ms UTC, against which times are checked. day: when
    rows are from that do not say, e.g. by the date in the file's name.
    """

    def __init__(
        self,
        columns: Sequence[str],
        column_map: ColumnMap,
        zone: tzinfo,
        received_at: int,
        statuses: Statuses | None = None,
        day: int | None = None,
    ) -> None:
        places = column_map.positions(columns)
        self.missing = [role for role in column_map.roles if role not in places]
        """Roles whose columns this file does not have."""
        self._times = Times(zone, column_map.order)
        self._statuses = statuses or Statuses()
        self._received_at = received_at
        self._day = day
        self._constants = dict(column_map.constants)
        self._own_id = _maybe(places.get("own_id"))
        self._text = _maybe(places.get("text"))
        self._status = _maybe(places.get("status"))
        self._language = _maybe(places.get("language"))
        self._recipient = _maybe(places.get("recipient"))
        self._identifiers = [(kind, getter(places[kind])) for kind in _IDENTIFIERS if kind in places]
        self._fields = [(r, getter(p)) for r, p in places.items() if r not in _NOT_FIELDS]
        self._occurred = [p for p in (_first(places, "occurred_at"), _first(places, "generated_at")) if p is not None]
        self._dated = "occurred_at" in places
        self._time_of_day = _maybe(places.get("time_of_day"))
        self._revised = _first(places, "revised_at")

    def __call__(self, row: Row) -> Complaint | Fault | None:
        """The complaint, a fault, or None for a row that says nothing."""
        values = row.values
        fields = dict(self._constants)
        for name, get in self._fields:
            value = get(values)
            if value:
                fields[name] = value
        identifiers = tuple([(kind, value) for kind, get in self._identifiers if (value := get(values))])
        own_id, text = self._own_id(values), self._text(values)
        if not (own_id or text or identifiers or fields.get("category")):
            return None
        occurred_at = self._when(row, fields)
        if isinstance(occurred_at, Fault):
            return occurred_at
        if len(own_id) > MAX_OWN_ID:
            return Fault(row.line, row.raw, "bad_field", f"line {row.line}: an id has over {MAX_OWN_ID} characters")
        status = self._status(values)
        if status:
            fields["source_status"] = status
            known = self._statuses.of(status)
            if known:
                fields["status"] = known
        revised_at = self._times.ms(values[self._revised]) if self._revised is not None else None
        return Complaint(
            own_id, identifiers, self._recipient(values), text, occurred_at, revised_at, self._language(values), fields
        )

    def _when(self, row: Row, fields: dict[str, str]) -> int | Fault:
        """When the customer complained; by default when the export was made, which is then named in `imputed`."""
        for at, place in enumerate(self._occurred):
            value = row.values[place]
            if not clean(value):
                continue
            when = self._times.ms(value, self._time_of_day(row.values) if at == 0 else "")
            if when is None:  # the date may hold its time already
                when = self._times.ms(value)
            if when is None:
                return Fault(row.line, row.raw, "bad_timestamp", f"line {row.line}: a time in no format that is known")
            fault = timestamp_fault(when, self._received_at)
            if fault:
                return Fault(row.line, row.raw, "bad_timestamp", f"line {row.line}: a time {fault}")
            if at > 0 or not self._dated:
                fields["imputed"] = "occurred_at"
            return when
        if self._day is not None:
            fields["imputed"] = "occurred_at"
            return self._day
        return Fault(row.line, row.raw, "missing_field", f"line {row.line}: no time of the complaint")


def _nothing(_: Sequence[Any]) -> str:
    return ""


def _maybe(places: tuple[int, ...] | None) -> Callable[[Sequence[Any]], str]:
    return getter(places) if places else _nothing


def _first(places: Mapping[str, tuple[int, ...]], role: str) -> int | None:
    return places[role][0] if role in places else None
