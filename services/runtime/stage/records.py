"""What goes into a handler and what comes out: values only, no Kafka."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

Headers = list[tuple[str, bytes | None]]

WRITTEN: Final = 0
JOINED: Final = 1
IGNORED: Final = 2
REDELIVERED: Final = 3
DEAD: Final = 4


class Record(NamedTuple):
    """One record of an input topic."""

    topic: str
    """Logical name, without TOPIC_PREFIX."""
    partition: int
    offset: int
    timestamp: int
    """The log's own time, ms UTC."""
    key: bytes | None
    value: bytes | None
    headers: Headers | None


class Output(NamedTuple):
    """One record to write."""

    source: int
    """Index of the input that it came from."""
    topic: str
    key: bytes | None
    value: bytes
    headers: Headers | None


class Failure(NamedTuple):
    """Why an input goes to dead-letters."""

    reason: str
    detail: str


class Outcomes:
    """What a handler made of a batch: each input ends as written, joined, ignored, redelivered or dead.

    >>> outcomes = Outcomes([Record("bronze.realtime", 0, 7, 0, b"k", b"v", None)])
    >>> outcomes.emit(0, "silver.realtime", b"k", b"w")
    >>> outcomes.mains, len(outcomes.outputs)
    ([1], 1)
    """

    __slots__ = (
        "changes",
        "channels",
        "failures",
        "fates",
        "ignored_for",
        "mains",
        "outputs",
        "records",
        "state",
        "times",
    )

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.outputs: list[Output] = []
        self.fates = [WRITTEN] * len(records)
        self.mains = [0] * len(records)
        self.failures: dict[int, Failure] = {}
        self.ignored_for: dict[int, str] = {}
        self.channels: list[tuple[int, str]] = []
        """(input, channel) of every main output whose channel is known."""
        self.times: list[tuple[str, int]] = []
        """(channel, occurred_at in ms) of main outputs, for the latency metrics."""
        self.changes: dict[int, list[bytes]] = {}
        """Changelog values by partition."""
        self.state: Any = None
        """The handler's own state delta, for apply()."""

    def emit(
        self,
        index: int,
        topic: str,
        key: bytes | None,
        value: bytes,
        headers: Headers | None = None,
        *,
        main: bool = True,
        channel: str | None = None,
        occurred_at: int | None = None,
    ) -> None:
        """Write a record. `main`: the input counts as written; side outputs (observations) do not.

        Without headers the input's traceparent is passed on.
        """
        self.outputs.append(Output(index, topic, key, value, headers))
        if main:
            self.mains[index] += 1
            if channel is not None:
                self.channels.append((index, channel))
                if occurred_at is not None:
                    self.times.append((channel, occurred_at))

    def redelivered(self, index: int) -> None:
        """Drop an input as a second delivery."""
        self.fates[index] = REDELIVERED

    def joined(self, index: int) -> None:
        """The input became part of another one's output."""
        self.fates[index] = JOINED

    def ignored(self, index: int, reason: str) -> None:
        """Drop an input for a reason of IGNORED_REASONS."""
        self.fates[index] = IGNORED
        self.ignored_for[index] = reason

    def dead(self, index: int, reason: str, detail: str) -> None:
        """Send an input to dead-letters. `detail` must not hold a value of the record."""
        self.fates[index] = DEAD
        self.failures[index] = Failure(reason, detail)

    def append_dead(self, record: Record, failure: Failure) -> None:
        """One more input, which the handler never saw: it goes to dead-letters."""
        self.failures[self._append(record, DEAD)] = failure

    def append_ignored(self, record: Record, reason: str) -> None:
        """One more input, which the handler never saw: it is ignored."""
        self.ignored_for[self._append(record, IGNORED)] = reason

    def _append(self, record: Record, fate: int) -> int:
        self.records = [*self.records, record]
        self.fates.append(fate)
        self.mains.append(0)
        return len(self.records) - 1

    def changelog(self, partition: int, value: bytes) -> None:
        """State that must survive a crash, written to the changelog in the same transaction."""
        self.changes.setdefault(partition, []).append(value)


class Handler(Protocol):
    """The pure part of a stage. It knows no Kafka, no clock, no environment."""

    def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:
        """Outcomes of a batch; may be called again with the same records. Must not change state. `now` in ms UTC.

        It may raise BrokerBusy to be called again later; anything else is isolated to the record that causes it.
        """
        ...

    def apply(self, outcomes: Outcomes) -> None:
        """The batch was committed: make its delta state."""
        ...

    def restore(self, partition: int, values: Iterable[bytes]) -> None:
        """Add changelog values, oldest first, to the state of a partition. Called several times while restoring."""
        ...

    def drop(self, partition: int) -> None:
        """Forget the state of a partition."""
        ...


class Stateless:
    """Base of handlers without state."""

    def apply(self, outcomes: Outcomes) -> None:
        """Nothing to keep."""

    def restore(self, partition: int, values: Iterable[bytes]) -> None:
        """Nothing to restore."""

    def drop(self, partition: int) -> None:
        """Nothing to forget."""


@dataclass(frozen=True, slots=True)
class StageSpec:
    """What a stage is called and what it reads.

    Topics of all lanes must have the same number of partitions: a customer's records of both lanes then meet one state.
    """

    service: str
    """Metric label and name in the ledger."""
    group: str
    """Consumer group; also the base of the transactional id."""
    lanes: Mapping[str, tuple[str, ...]]
    """Lane -> logical topics, the most urgent lane first."""
    changelog: str | None = None
    layer: str = ""
    """Layer that the main outputs form: silver or gold; for the latency metric."""
    side_topics: frozenset[str] = field(default_factory=frozenset)
    """Further topics that it writes; for the access lists."""
