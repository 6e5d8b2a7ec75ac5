"""The ledger: what a committed batch took in and gave out, so that nothing lost can be proven.

For one partition and one hour of its log: read + split = written + joined + ignored + redelivered + dead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import KafkaError, Message

HOUR_MS: Final = 3_600_000
NO_POSITION: Final = -1
"""Position and partition of inputs that have none: HTTP requests and files."""


@dataclass(slots=True)
class Landed:
    """Where records of one batch landed in one output partition and log hour."""

    records: int = 0
    first_offset: int = -1
    last_offset: int = -1

    def add(self, offset: int) -> None:
        """One more record at this offset."""
        if self.records == 0 or offset < self.first_offset:
            self.first_offset = offset
        if offset > self.last_offset:
            self.last_offset = offset
        self.records += 1


@dataclass(slots=True)
class Outputs:
    """Collects delivery reports: (topic, partition, log hour) -> Landed."""

    prefix: str = ""
    landed: dict[tuple[str, int, int], Landed] = field(default_factory=dict)
    failed: KafkaError | None = None

    def delivered(self, error: KafkaError | None, message: Message) -> None:
        """Delivery callback of confluent_kafka's produce()."""
        if error is not None:
            self.failed = error
            return
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        if topic is None or partition is None or offset is None:
            return
        key = (topic, partition, message.timestamp()[1] // HOUR_MS)
        place = self.landed.get(key)
        if place is None:
            place = self.landed[key] = Landed()
        place.add(offset)

    def as_records(self) -> list[dict[str, Any]]:
        """LedgerOutput records, topics by logical name."""
        return [
            {
                "topic": topic.removeprefix(self.prefix),
                "partition": partition,
                "log_hour": hour * HOUR_MS,
                "records": place.records,
                "first_offset": place.first_offset,
                "last_offset": place.last_offset,
            }
            for (topic, partition, hour), place in sorted(self.landed.items())
        ]


@dataclass(slots=True)
class Counts:
    """The counts of one ledger entry."""

    read: int = 0
    split: int = 0
    written: int = 0
    joined: int = 0
    ignored: int = 0
    redelivered: int = 0
    dead: int = 0

    @property
    def balanced(self) -> bool:
        """Whether what went in is what came out."""
        return self.read + self.split == self.written + self.joined + self.ignored + self.redelivered + self.dead


def writer_key(service: str, instance: str) -> bytes:
    """Key of ledger records: all of one writer in one partition.

    A transaction costs the broker a marker for every partition that it touches, so its entries must not be scattered.
    """
    return f"{service}:{instance}".encode()


def entry(
    *,
    service: str,
    topic: str,
    partition: int,
    from_position: int,
    to_position: int,
    log_hour: int,
    committed_at: int,
    instance: str,
    counts: Counts,
    channels: Mapping[str, int] | None = None,
    outputs: Outputs | None = None,
) -> dict[str, Any]:
    """A LedgerEntry as a dict. Times in ms UTC; log_hour is cut to the hour. ValueError when it does not balance."""
    if not counts.balanced:
        raise ValueError(f"ledger of {service} on {topic}[{partition}] does not balance: {counts}")
    return {
        "service": service,
        "topic": topic,
        "partition": partition,
        "from_position": from_position,
        "to_position": to_position,
        "log_hour": log_hour - log_hour % HOUR_MS,
        "committed_at": committed_at,
        "instance": instance,
        "read": counts.read,
        "split": counts.split,
        "written": counts.written,
        "joined": counts.joined,
        "ignored": counts.ignored,
        "redelivered": counts.redelivered,
        "dead": counts.dead,
        "channels": dict(channels or {}),
        "outputs": outputs.as_records() if outputs else [],
    }
