"""The cleaner's state, one part a partition, and the delta that a batch adds to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cleaner.reposts import Entry, RecentTexts, entry_of, find
from services.cleaner.seen import ID_BYTES, SeenIds


@dataclass(slots=True)
class PartitionDelta:
    """What one batch adds to one partition."""

    ids: dict[bytes, int] = field(default_factory=dict)
    """Id -> received_at in ms."""
    texts: list[Entry] = field(default_factory=list)

    def as_record(self) -> dict[str, Any]:
        """CleanerState."""
        return {
            "seen": b"".join(self.ids),
            "seen_at": max(self.ids.values(), default=0),
            "texts": [entry.as_record() for entry in self.texts],
        }


class PartitionState:
    """What one partition remembers."""

    def __init__(self) -> None:
        self.seen = SeenIds()
        self.texts = RecentTexts()

    def add(self, delta: PartitionDelta) -> None:
        """The batch was committed. Its ids are filed under its youngest receipt, as a restore will do."""
        if delta.ids:
            self.seen.add(list(delta.ids), max(delta.ids.values()))
        self.texts.add(delta.texts)

    def restore(self, record: dict[str, Any]) -> None:
        """Add one CleanerState."""
        ids = record["seen"]
        if ids:
            self.seen.add([ids[at : at + ID_BYTES] for at in range(0, len(ids), ID_BYTES)], record["seen_at"])
        self.texts.add(entry_of(text) for text in record["texts"])


class Overlay:
    """State of several partitions as it would be after the batch so far; the state itself stays untouched."""

    def __init__(self, states: dict[int, PartitionState]) -> None:
        self._states = states
        self.deltas: dict[int, PartitionDelta] = {}

    def seen(self, partition: int, ids: Sequence[bytes]) -> list[bool]:
        """Which ids were seen before this batch."""
        state = self._states.get(partition)
        return state.seen.holds(ids) if state else [False] * len(ids)

    def first_in_batch(self, partition: int, one: bytes) -> bool:
        """Whether this batch has not had the id yet."""
        delta = self.deltas.get(partition)
        return delta is None or one not in delta.ids

    def remember(self, partition: int, one: bytes, received_at: int, text: Entry | None) -> None:
        """The event will be written."""
        delta = self.deltas.setdefault(partition, PartitionDelta())
        delta.ids[one] = received_at
        if text is not None:
            delta.texts.append(text)

    def repeats(self, partition: int, customer_key: str, complaint_id: str, occurred_at: int, text: str) -> str | None:
        """The event that a text repeats, in the state or earlier in this batch."""
        state, delta = self._states.get(partition), self.deltas.get(partition)
        known: Iterable[Entry] = state.texts.of(customer_key) if state else ()
        young = [entry for entry in delta.texts if entry.customer_key == customer_key] if delta else ()
        return find([*known, *young], complaint_id, occurred_at, text)
