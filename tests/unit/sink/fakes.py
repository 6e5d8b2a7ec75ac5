"""A consumer group, a warehouse and an accountant in memory, with the semantics that the sink relies on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError

from services.runtime.errors import BrokerBusy
from services.sink.account import Landing
from services.sink.buffer import Record
from services.sink.lander import Lander
from services.sink.membership import Fenced, Place
from services.sink.ranges import Range
from services.sink.targets import Parcel, Refusal
from services.sink.warehouse import RowRejected, WarehouseAway

ROW = 8
BAD = b"bad"


class Stub:
    """A message of confluent_kafka, as far as it is used."""

    def __init__(self, place: Place, offset: int, value: bytes | None, eof: bool = False) -> None:
        self._place, self._offset, self._value, self._eof = place, offset, value, eof

    def topic(self) -> str:
        return self._place[0]

    def partition(self) -> int:
        return self._place[1]

    def offset(self) -> int:
        return self._offset

    def timestamp(self) -> tuple[int, int]:
        return (2, self._offset * 60_000)

    def key(self) -> bytes | None:
        return None

    def value(self) -> bytes | None:
        return self._value

    def headers(self) -> None:
        return None

    def error(self) -> KafkaError | None:
        return KafkaError(KafkaError._PARTITION_EOF) if self._eof else None


@dataclass
class Group:
    """A topic's partitions and one consumer group's positions; the newest member is the only one of its generation."""

    logs: dict[Place, list[tuple[int, bytes]]] = field(default_factory=dict)
    committed: dict[Place, tuple[int, str]] = field(default_factory=dict)
    generation: int = 0
    epoch: str = "topic-id"
    commits: list[dict[Place, tuple[int, str]]] = field(default_factory=list)

    def end(self, place: Place) -> int:
        log = self.logs[place]
        return log[-1][0] + 1 if log else 0


class FakeMember:
    """A member: the last to join owns everything, those before it are zombies."""

    def __init__(self, group: Group, lander: Lander, busy: Callable[[], bool] = lambda: False) -> None:
        group.generation += 1
        self._group = group
        self._generation = group.generation
        self._busy = busy
        self._positions = {place: group.committed.get(place, (0, ""))[0] for place in group.logs}
        self.paused = False
        lander.assigned(
            {place: group.committed.get(place, (0, None)) for place in group.logs},
            {place[0]: group.epoch for place in group.logs},
        )

    def poll(self, _seconds: float, limit: int) -> list[Stub]:
        if self.paused:
            return []
        out: list[Stub] = []
        for place, log in self._group.logs.items():
            for offset, value in log:
                if offset >= self._positions[place] and len(out) < limit:
                    out.append(Stub(place, offset, value))
                    self._positions[place] = offset + 1
            if self._positions[place] >= self._group.end(place):
                out.append(Stub(place, self._positions[place], None, eof=True))
        return out

    def commit(self, offsets: Mapping[Place, tuple[int, str]]) -> None:
        if self._busy():
            raise BrokerBusy("busy")
        if self._generation != self._group.generation:
            raise Fenced("zombie")
        self._group.committed.update(offsets)
        self._group.commits.append(dict(offsets))

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def close(self) -> None:
        pass


@dataclass
class FakeWarehouse:
    """Rows of eight bytes, a memory of tokens, and refusals as ClickHouse makes them: the whole insert or nothing."""

    rows: list[bytes] = field(default_factory=list)
    tokens: dict[str, bytes] = field(default_factory=dict)
    away: Callable[[], bool] = lambda: False
    remembers: bool = True

    def insert(self, _table: str, _columns: Sequence[str], data: bytes, token: str) -> None:
        if self.away():
            raise WarehouseAway("away")
        rows = [data[at : at + ROW] for at in range(0, len(data), ROW)]
        if any(row.startswith(BAD) for row in rows):
            raise RowRejected("refused", 469)
        if token in self.tokens:
            assert self.tokens[token] == data, "one token for two contents: rows would vanish"
            return
        if self.remembers:
            self.tokens[token] = data
        self.rows += rows


class FakeTarget:
    """Values are rows; a value of b"null" is refused by the sink itself."""

    record_name = "Fake"
    table = "fake"

    def pack(self, _topic: str, _partition: int, records: Sequence[Record]) -> tuple[list[Parcel], list[Refusal]]:
        parcel = Parcel("1", "fake", ("a",), b"")
        refusals = []
        for record in records:
            if record.value == b"null":
                refusals.append(Refusal(record, "null_record", ""))
                continue
            parcel.rows.append(record.value or b"")
            parcel.records.append(record)
        return ([parcel] if parcel.rows else []), refusals


@dataclass
class FakeAccount:
    """Remembers what was settled, by range."""

    settled: list[tuple[Range, tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)
    busy: Callable[[], bool] = lambda: False

    def logical(self, topic: str) -> str:
        return topic

    def took(self, _seconds: float) -> None:
        pass

    def settle(self, landings: Sequence[Landing]) -> None:
        if self.busy():
            raise BrokerBusy("busy")
        for span, records, refusals, _parcels in landings:
            read = tuple(record.offset for record in records)
            self.settled.append((span, read, tuple(sorted(refusal.record.offset for refusal in refusals))))
