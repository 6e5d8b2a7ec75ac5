"""From a row to a complaint: what it says about whom, when and with which status; or why it says nothing."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from services.batch_loader.mapping.columns import MISSING, ColumnMap, clean, getter
from services.batch_loader.mapping.dates import Times
from services.batch_loader.mapping.statuses import Statuses
from services.batch_loader.records import Fault, Row
from services.domain.bronze import timestamp_fault
from services.domain.vocabulary import IDENTIFIER_KINDS

MAX_OWN_ID = 200
_TIMES = frozenset({"occurred_at", "time_of_day", "revised_at", "generated_at"})
_SUSPECT = frozenset(word[:1] for word in MISSING if word) | frozenset(word[:1].upper() for word in MISSING if word)
"""First characters of what stands for a missing value."""
_LONGEST_MISSING = max(map(len, MISSING))


class Complaint(NamedTuple):
    """What one row says, raw. Times in ms UTC."""

    own_id: str
    identifiers: tuple[tuple[str, str], ...]
    """Kind and value, in order of precedence."""
    recipient: str
    text: str
    occurred_at: int
    revised_at: int | None
    """When the source says that it last changed the row, where it says so."""
    language: str
    fields: dict[str, str]
    content: int
    """64 bits that differ when the content does; when a row was exported is no content."""


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
        self._times = Times(zone, column_map.order)
        self._statuses = statuses or Statuses()
        self._received_at = received_at
        self._day = day
        self._constants = dict(column_map.constants)
        texts = sorted((role, at) for role, at in places.items() if role not in _TIMES)
        self._single = [(role, at[0]) for role, at in texts if len(at) == 1]
        self._joined = [(role, getter(at)) for role, at in texts if len(at) > 1]
        self._kinds = [kind for kind in IDENTIFIER_KINDS if kind in places]
        self._occurred = places["occurred_at"][0] if "occurred_at" in places else None
        self._generated = places["generated_at"][0] if "generated_at" in places else None
        self._revised = places["revised_at"][0] if "revised_at" in places else None
        self._time_of_day: Callable[[Sequence[Any]], str] = (
            getter(places["time_of_day"]) if "time_of_day" in places else lambda _: ""
        )

    def __call__(self, row: Row) -> Complaint | Fault | None:
        """The complaint, a fault, or None for a row that says nothing."""
        values = row.values
        got: dict[str, str] = {}
        for role, place in self._single:
            value = values[place]
            if value.__class__ is not str:
                value = clean(value)
            else:
                value = value.strip()
                if value and value[0] in _SUSPECT and len(value) <= _LONGEST_MISSING and value.casefold() in MISSING:
                    continue
            if value:
                got[role] = value
        for role, get in self._joined:
            if value := get(values):
                got[role] = value
        return self._complaint(row, got)

    def _complaint(self, row: Row, got: dict[str, str]) -> Complaint | Fault | None:
        parts = [*got, *got.values()]
        identifiers = tuple([(kind, got.pop(kind)) for kind in self._kinds if kind in got])
        own_id, text = got.pop("own_id", ""), got.pop("text", "")
        if not (own_id or text or identifiers or "category" in got):
            return None
        if len(own_id) > MAX_OWN_ID:
            return Fault(row.line, row.raw, "bad_field", f"line {row.line}: an id has over {MAX_OWN_ID} characters")
        occurred_at, imputed = self._when(row)
        if isinstance(occurred_at, Fault):
            return occurred_at
        revised_at = self._times.ms(row.values[self._revised]) if self._revised is not None else None
        status = got.pop("status", "")
        if status:
            got["source_status"] = status
            known = self._statuses.of(status)
            if known:
                got["status"] = known
                parts.append(known)
        if self._constants:
            parts += self._constants.values()
            got = self._constants | got
        parts.append(f"{'' if imputed else occurred_at}:{revised_at}")
        if imputed:
            got["imputed"] = "occurred_at"
        return Complaint(
            own_id,
            identifiers,
            got.pop("recipient", ""),
            text,
            occurred_at,
            revised_at,
            got.pop("language", ""),
            got,
            digest(parts),
        )

    def _when(self, row: Row) -> tuple[int | Fault, bool]:
        """When the customer complained, and whether that was imputed: from when the export was made, or its name."""
        if self._occurred is not None:
            value = row.values[self._occurred]
            if clean(value):
                when = self._times.ms(value, self._time_of_day(row.values))
                if when is None:  # the date may hold its time already
                    when = self._times.ms(value)
                return self._checked(row, when), False
        if self._generated is not None and clean(row.values[self._generated]):
            return self._checked(row, self._times.ms(row.values[self._generated])), True
        if self._day is not None:
            return self._day, True
        return Fault(row.line, row.raw, "missing_field", f"line {row.line}: no time of the complaint"), False

    def _checked(self, row: Row, when: int | None) -> int | Fault:
        if when is None:
            return Fault(row.line, row.raw, "bad_timestamp", f"line {row.line}: a time in no format that is known")
        fault = timestamp_fault(when, self._received_at)
        if fault:
            return Fault(row.line, row.raw, "bad_timestamp", f"line {row.line}: a time {fault}")
        return when


def digest(parts: Sequence[str]) -> int:
    """64 bits of some texts, signed, as the manifest stores them."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "little", signed=True)
