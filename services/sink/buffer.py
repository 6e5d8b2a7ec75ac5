"""What one assigned partition has read and not yet landed, and which range of it goes next. Pure: time is passed in."""

from typing import NamedTuple

from services.sink.ranges import Range


class Record(NamedTuple):
    """One record as read. timestamp is the log's, ms UTC."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]] | None


class Limits(NamedTuple):
    """When a buffer is due: at so many rows or bytes, or when its oldest record has waited so many seconds."""

    rows: int
    bytes: int
    seconds: float


class PartitionBuffer:
    """Records of one partition from `position` on, in order.

    A range that was taken stays taken, whatever arrives meanwhile, until it is `advanced`: the group may already know
    it as pending. `replay` is such a range left by a predecessor: exactly its records are taken first.
    """

    def __init__(
        self, topic: str, partition: int, epoch: str, position: int, limits: Limits, replay: Range | None = None
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.position = position
        self._epoch = epoch
        self._limits = limits
        self._taken = replay
        self.replaying = replay is not None
        self._records: list[Record] = []
        self._bytes = 0
        self._read_to = position
        self._oldest = 0.0
        self.at_end = False

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: Record, now: float) -> None:
        """One more record, read at `now` (seconds, any monotonic clock). Records behind the position are ignored."""
        if record.offset < self._read_to:
            return
        if not self._records:
            self._oldest = now
        self._records.append(record)
        self._bytes += len(record.value or b"")
        self._read_to = record.offset + 1
        self.at_end = False

    def reached_end(self, position: int) -> None:
        """The partition's end, at `position`: control records before it are passed."""
        self._read_to = max(self._read_to, position)
        self.at_end = True

    @property
    def full(self) -> bool:
        """Whether reading further should wait."""
        return len(self._records) >= 2 * self._limits.rows or self._bytes >= 2 * self._limits.bytes

    def due(self, now: float) -> bool:
        """Whether a range should be landed now."""
        if self._taken is not None:
            return self._read_to >= self._taken.end
        if not self._records:
            return False
        limits = self._limits
        return len(self._records) >= limits.rows or self._bytes >= limits.bytes or now - self._oldest >= limits.seconds

    def take(self) -> Range:
        """The range to land next; the same until `advanced`. Only when `due`."""
        if self._taken is None:
            last = self._records[min(len(self._records), self._limits.rows) - 1]
            if self._bytes > self._limits.bytes:
                last = self._within_bytes(last.offset)
            self._taken = Range(self.topic, self.partition, self.position, last.offset + 1, self._epoch)
        return self._taken

    def taken_records(self) -> list[Record]:
        """The records of the taken range."""
        end = self.take().end
        return [record for record in self._records if record.offset < end]

    def _within_bytes(self, last_offset: int) -> Record:
        total, chosen = 0, self._records[0]
        for record in self._records:
            total += len(record.value or b"")
            if record.offset > last_offset or (total > self._limits.bytes and record is not chosen):
                break
            chosen = record
        return chosen

    def retake(self, taken: Range) -> None:
        """Replace the taken range by one that says more of itself (its refusals)."""
        self._taken = taken

    def advanced(self, now: float) -> None:
        """The taken range has landed and the group's offset stands at its end."""
        if self._taken is None:
            return
        end = self._taken.end
        self._records = [record for record in self._records if record.offset >= end]
        self._bytes = sum(len(record.value or b"") for record in self._records)
        self.position = end
        self._read_to = max(self._read_to, end)
        self._oldest = now
        self._taken = None
        self.replaying = False
