"""What the records of a topic become in the warehouse: rows of a table, packed as Avro files for INSERT."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import fastavro

from services.runtime.codec import HEADER_BYTES, MAGIC, Codec
from services.runtime.errors import CodecError
from services.runtime.registry import Registry
from services.sink import container
from services.sink.buffer import Record


class Refusal(NamedTuple):
    """A record that cannot become a row."""

    record: Record
    reason: str
    """One of DEAD_LETTER_REASONS."""
    detail: str


@dataclass(slots=True)
class Parcel:
    """Rows of one table that go in one insert: rows[i] was made of records[i]."""

    part: str
    """Tells the parcels of one range apart, and their tokens."""
    table: str
    columns: tuple[str, ...]
    head: bytes
    rows: list[bytes] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def file(self, low: int, high: int) -> bytes:
        """Rows [low, high) as an Avro object container file."""
        return container.container(self.head, self.rows[low:high])


class Target(Protocol):
    """Packs the records of one topic."""

    table: str
    record_name: str

    def pack(self, topic: str, partition: int, records: Sequence[Record]) -> tuple[list[Parcel], list[Refusal]]:
        """Parcels and refusals: a pure function of the records. BrokerBusy when the registry cannot be asked now."""
        ...


Prefix = Callable[[str, int], bytes]


class Unread:
    """Bodies go in as they came, behind columns that say where they came from."""

    def __init__(
        self,
        record_name: str,
        table: str,
        columns: Callable[[], frozenset[str]],
        registry: Registry,
        prefix: Sequence[tuple[str, Any]] = (),
    ) -> None:
        self.record_name = record_name
        self.table = table
        self._columns = columns
        self._registry = registry
        self._prefix = tuple(prefix)
        self._known: dict[int, tuple[tuple[str, ...], bytes] | str] = {}

    def pack(self, topic: str, partition: int, records: Sequence[Record]) -> tuple[list[Parcel], list[Refusal]]:
        """One parcel a schema id, in order of first appearance."""
        parcels: dict[int, Parcel] = {}
        refusals = []
        fixed = {"kafka_topic": container.string(topic), "kafka_partition": container.varint(partition)}
        names = [name for name, _ in self._prefix]
        for record in records:
            value = record.value
            if value is None:
                refusals.append(Refusal(record, "null_record", f"{self.record_name}: no value"))
                continue
            if len(value) <= HEADER_BYTES or value[0] != MAGIC:
                detail = f"{self.record_name}: not in the Confluent wire format"
                refusals.append(Refusal(record, "malformed", detail))
                continue
            schema_id = int.from_bytes(value[1:HEADER_BYTES], "big")
            parcel = parcels.get(schema_id)
            if parcel is None:
                shape = self._shape(schema_id)
                if isinstance(shape, str):
                    refusals.append(Refusal(record, shape, f"{self.record_name}: schema id {schema_id}"))
                    continue
                parcel = parcels[schema_id] = Parcel(str(schema_id), self.table, *shape)
            row = b""
            for name in names:
                row += fixed.get(name) or container.varint(
                    record.offset if name == "kafka_offset" else record.timestamp
                )
            parcel.rows.append(container.block(row + value[HEADER_BYTES:]))
            parcel.records.append(record)
        return list(parcels.values()), refusals

    def _shape(self, schema_id: int) -> tuple[tuple[str, ...], bytes] | str:
        """(columns to fill, file header) of a schema id, or why its records are refused."""
        known = self._known.get(schema_id)
        if known is not None:
            return known
        schema = self._registry.schema(schema_id)
        if schema is None:
            return "unknown_schema"  # may be registered later: not kept
        if schema.get("name") != self.record_name:
            self._known[schema_id] = "malformed"
            return "malformed"
        full = container.prefixed(schema, self._prefix)
        there = self._columns()
        # an older schema lacks columns, which take their defaults; a newer one may have fields that the table lacks yet
        columns = tuple(name for entry in full["fields"] if (name := entry["name"]) in there)
        shape = self._known[schema_id] = (columns, container.header(full))
        return shape


_LETTER: Final[dict[str, Any]] = {
    "type": "record",
    "name": "DeadLetterEntry",
    "fields": [
        *({"name": name, "type": "string"} for name in ("dead_letter_id", "group", "service", "reason", "detail")),
        {"name": "topic", "type": "string"},
        {"name": "partition", "type": "int"},
        {"name": "offset", "type": "long"},
        {"name": "log_time", "type": container.TIME},
        {"name": "failed_at", "type": container.TIME},
        {"name": "attempt", "type": "int"},
        {"name": "letter_partition", "type": "int"},
        {"name": "letter_offset", "type": "long"},
    ],
}


class Letters:
    """Dead letters without their bytes: raw personal data never leaves for the warehouse."""

    record_name = "DeadLetter"
    table = "dead_letter_entries"

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._head = container.header(_LETTER)
        self._columns = tuple(entry["name"] for entry in _LETTER["fields"])
        self._schema = fastavro.parse_schema({**_LETTER, "fields": [_bare(entry) for entry in _LETTER["fields"]]})

    def pack(self, topic: str, partition: int, records: Sequence[Record]) -> tuple[list[Parcel], list[Refusal]]:  # noqa: ARG002
        """One parcel."""
        parcel = Parcel("letters", self.table, self._columns, self._head)
        refusals = []
        for record in records:
            try:
                letter = self._codec.decode(self.record_name, record.value)
            except CodecError as error:
                refusals.append(Refusal(record, error.reason, str(error)))
                continue
            letter["letter_partition"], letter["letter_offset"] = partition, record.offset
            out = io.BytesIO()
            fastavro.schemaless_writer(out, self._schema, {name: letter[name] for name in self._columns})
            parcel.rows.append(container.block(out.getvalue()))
            parcel.records.append(record)
        return [parcel] if parcel.rows else [], refusals


def _bare(entry: dict[str, Any]) -> dict[str, Any]:
    return {"name": entry["name"], "type": "long" if entry["type"] is container.TIME else entry["type"]}


GOLD_PREFIX: Final = (
    ("kafka_topic", container.STRING),
    ("kafka_partition", container.INT),
    ("kafka_offset", container.LONG),
    ("logged_at", container.TIME),
)
LEDGER_PREFIX: Final = GOLD_PREFIX[1:3]


def targets(codec: Codec, registry: Registry, columns: Callable[[str], frozenset[str]]) -> dict[str, Target]:
    """Topic (logical name) -> target. `columns` gives the columns of a table as they are now."""

    def unread(record: str, table: str, prefix: Sequence[tuple[str, Any]] = ()) -> Unread:
        return Unread(record, table, lambda: columns(table), registry, prefix)

    gold = unread("GoldEvent", "complaint_events", GOLD_PREFIX)
    return {
        "gold.realtime": gold,
        "gold.batch": gold,
        "ledger": unread("LedgerEntry", "ledger_entries", LEDGER_PREFIX),
        "dead-letters": Letters(codec),
        "incidents": unread("Incident", "incident_versions"),
    }
