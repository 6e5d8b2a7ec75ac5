"""What the proof asks Kafka: ends of partitions, positions of groups, and the offsets that a partition really holds."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from services.runtime import kafka
from services.runtime.errors import BrokerBusy
from services.runtime.settings import KafkaSettings

TIMEOUT: Final = 15.0
MOST_READ: Final = 200_000
"""Records of a partition that are read at most, to name the missing ones."""
Place = tuple[str, int]
"""Logical topic and partition."""


class Log:
    """Reads a cluster's logs beside the groups: joins none and commits nothing. A context manager."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._admin = kafka.admin(settings)
        self._reader = kafka.reader(settings)

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._reader.close()

    def ends(self, topics: Iterable[str]) -> dict[Place, tuple[int, int]]:
        """(first offset, end of what is committed) of every partition of those topics that exist."""
        with _answered():
            there = self._admin.list_topics(timeout=TIMEOUT).topics
            places = [
                TopicPartition(name, partition)
                for topic in topics
                if (name := self._settings.topic(topic)) in there
                for partition in there[name].partitions
            ]
            if not places:
                return {}
            last = self._offsets(places, OffsetSpec.latest())
            first = self._offsets(places, OffsetSpec.earliest())
        return {place: (first[place], end) for place, end in last.items()}

    def _offsets(self, places: list[TopicPartition], spec: OffsetSpec) -> dict[Place, int]:
        asked = self._admin.list_offsets(
            dict.fromkeys(places, spec), isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=TIMEOUT
        )
        return {self._place(place): future.result(TIMEOUT).offset for place, future in asked.items()}

    def committed(self, group: str) -> dict[Place, int]:
        """Committed offsets of a group (logical name)."""
        name = self._settings.topic(group)
        with _answered():
            asked = self._admin.list_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(name)], request_timeout=TIMEOUT
            )
            found = asked[name].result(TIMEOUT)
        return {self._place(place): place.offset for place in found.topic_partitions if place.offset >= 0}

    def offsets(self, place: Place, first: int, end: int, limit: int = MOST_READ) -> list[int]:
        """Offsets of the committed records in [first, end), at most `limit` of them: control records have none."""
        return self.within({place: (first, end)}, limit)[place]

    def within(self, ranges: Mapping[Place, tuple[int, int]], limit: int = MOST_READ) -> dict[Place, list[int]]:
        """The same for many places in one go: reading each by itself would wait for each in turn."""
        found: dict[Place, list[int]] = {place: [] for place in ranges}
        left = {place for place, (first, end) in ranges.items() if first < end}
        self._reader.assign([TopicPartition(self._settings.topic(t), p, ranges[t, p][0]) for t, p in sorted(left)])
        while left:
            with _answered():
                first_message = self._reader.poll(TIMEOUT)
                # consume() alone would wait out its time even where records are at hand
                more = self._reader.consume(10_000, 0) if first_message is not None else []
            if first_message is None:
                topic, partition = min(left)
                raise BrokerBusy(f"{topic}[{partition}] could not be read")
            for message in (first_message, *more):
                place = (self._settings.logical(message.topic() or ""), message.partition() or 0)
                error, offset = message.error(), message.offset() or 0
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise BrokerBusy(f"{place[0]}[{place[1]}] could not be read: {error.name()}")
                if place not in left:
                    continue
                if error is None and offset < ranges[place][1]:
                    found[place].append(offset)
                if error is not None or offset >= ranges[place][1] - 1 or len(found[place]) >= limit:
                    left.discard(place)
        self._reader.unassign()
        return found

    def _place(self, place: TopicPartition) -> Place:
        return self._settings.logical(place.topic), place.partition


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        raise BrokerBusy("the broker does not answer: check KAFKA_BOOTSTRAP_SERVERS") from error
