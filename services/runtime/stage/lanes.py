"""Which lane is served next: realtime first, batch never starved. Pure: time and sizes are passed in."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from services.runtime.stage.records import Record

CHUNK_SECONDS: Final = 0.05
"""A chunk of the slow lane must not keep the fast one waiting longer."""
FIRST_CHUNK: Final = 200
MAX_CREDIT_SECONDS: Final = 2 * CHUNK_SECONDS

Place = tuple[str, int]


class Lanes:
    """Buffers records by lane and chooses the next batch.

    The first lane is urgent. The others are served when every urgent partition was read to its end, and besides that
    for `share` of the time that the urgent lane takes. Their chunks are bounded by time, learned from their own speed.
    """

    def __init__(self, lanes: Mapping[str, Iterable[str]], share: float, max_records: int) -> None:
        self._order = tuple(lanes)
        self._lane_of = {topic: lane for lane, topics in lanes.items() for topic in topics}
        self._share = share
        self._max = max_records
        self._queues: dict[str, deque[Record]] = {lane: deque() for lane in self._order}
        self._places: set[Place] = set()
        self._ended: set[Place] = set()
        self._credit = 0.0
        self._rates: dict[str, float] = {}

    @property
    def urgent(self) -> str:
        """The lane that goes first."""
        return self._order[0]

    def lane_of(self, topic: str) -> str:
        """The lane of a topic (logical name)."""
        return self._lane_of[topic]

    def assign(self, places: Iterable[Place]) -> None:
        """Now these partitions are ours: buffers are emptied, none is at its end."""
        self._places = set(places)
        self._ended.clear()
        for queue in self._queues.values():
            queue.clear()

    def add(self, record: Record) -> None:
        """A record has arrived."""
        place = (record.topic, record.partition)
        if place in self._places:
            if self._ended:
                self._ended.discard(place)
            self._queues[self._lane_of[record.topic]].append(record)

    def end(self, topic: str, partition: int) -> None:
        """The partition was read to its end (PARTITION_EOF)."""
        if (topic, partition) in self._places:
            self._ended.add((topic, partition))

    def put_back(self, lane: str, records: Iterable[Record]) -> None:
        """The batch could not be processed now: it comes first again."""
        self._queues[lane].extendleft(reversed(list(records)))

    def waiting(self, lane: str) -> int:
        """Records of a lane that wait in the buffer."""
        return len(self._queues[lane])

    def drained(self, lane: str) -> bool:
        """Whether all partitions of a lane were read to their end and nothing of them waits."""
        if self._queues[lane]:
            return False
        return all(place in self._ended for place in self._places if self._lane_of[place[0]] == lane)

    def choose(self) -> str | None:
        """The lane to serve now, or None when nothing may be served."""
        urgent, slow = self.urgent, next((lane for lane in self._order[1:] if self._queues[lane]), None)
        if slow is not None and (self._credit >= CHUNK_SECONDS or self.drained(urgent)):
            return slow
        return urgent if self._queues[urgent] else None

    def take(self, lane: str) -> list[Record]:
        """The next batch of a lane, in order of arrival."""
        queue = self._queues[lane]
        limit = self._max
        if lane != self.urgent:
            limit = min(limit, max(1, int(self._rates.get(lane, FIRST_CHUNK / CHUNK_SECONDS) * CHUNK_SECONDS)))
        return [queue.popleft() for _ in range(min(limit, len(queue)))]

    def spent(self, lane: str, seconds: float, records: int) -> None:
        """A batch of `records` took so long."""
        if lane == self.urgent:
            self._credit = min(self._credit + seconds * self._share, MAX_CREDIT_SECONDS)
            return
        self._credit = max(self._credit - seconds, 0.0)
        if seconds > 0:
            speed = records / seconds
            self._rates[lane] = speed if lane not in self._rates else 0.7 * self._rates[lane] + 0.3 * speed
