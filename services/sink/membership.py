"""One member of a consumer group that commits by hand, and what its commits may be refused for."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicCollection, TopicPartition

from services.runtime import kafka
from services.runtime.errors import BrokerBusy, PipelineError
from services.runtime.settings import ServiceSettings

Place = tuple[str, int]
"""Logical topic and partition."""

FENCING: Final = frozenset(
    {
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError._ASSIGNMENT_LOST,
        KafkaError._NO_OFFSET,
    }
)
_TIMEOUT: Final = 10.0
_TRIES: Final = 20
_PAUSE: Final = 0.25
AnswerT = TypeVar("AnswerT")


class Fenced(PipelineError):
    """The group gave the partitions to somebody else: nothing may be inserted for them any more."""


class Member(Protocol):
    """The Kafka side of a lander."""

    def poll(self, seconds: float, limit: int) -> list[Message]:
        """Up to `limit` messages, partition ends included; serves rebalances."""
        ...

    def commit(self, offsets: Mapping[Place, tuple[int, str]]) -> None:
        """Commit (offset, metadata) a place, and return once the broker has it. Fenced, or BrokerBusy: try again."""
        ...

    def pause(self) -> None:
        """Fetch nothing until `resume`; the member stays in the group as long as it polls."""
        ...

    def resume(self) -> None:
        """Fetch again."""
        ...

    def close(self) -> None:
        """Leave."""
        ...


Assigned = Callable[[Mapping[Place, tuple[int, str | None]], Mapping[str, str]], None]
"""Told of an assignment: place -> (committed offset or beginning, metadata), and topic -> topic id."""


class GroupMember:
    """A confluent-kafka consumer subscribed to some topics of a group."""

    def __init__(
        self,
        settings: ServiceSettings,
        group: str,
        topics: Sequence[str],
        assigned: Assigned,
        revoked: Callable[[], None],
        suffix: str = "",
        **extra: Any,
    ) -> None:
        self._prefix = settings.topic_prefix
        self._admin = kafka.admin(settings)
        self._told_assigned = assigned
        self._told_revoked = revoked
        self._member = ""
        if settings.static_membership:
            extra["group_instance_id"] = settings.topic(f"{group}-{settings.instance}{suffix}")
        self._consumer: Consumer = kafka.consumer(settings, group, **extra)
        self._consumer.subscribe(
            [settings.topic(topic) for topic in topics],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_revoke,
        )

    def poll(self, seconds: float, limit: int) -> list[Message]:
        """See Member. KafkaException when the client is beyond repair."""
        first = self._consumer.poll(seconds)
        if first is None:
            return []
        # consume() alone would wait out its time even where records are at hand
        messages: list[Message] = [first, *self._consumer.consume(limit - 1, 0)]
        return messages

    def commit(self, offsets: Mapping[Place, tuple[int, str]]) -> None:
        """See Member."""
        if not offsets:
            return
        if self._consumer.memberid() != self._member:
            # librdkafka has left the group by itself; with its generation gone a commit could pass for that of a
            # client outside the group while the group is empty
            raise Fenced("the member lost its place in the group")
        wanted = [
            TopicPartition(self._prefix + topic, partition, offset, metadata)
            for (topic, partition), (offset, metadata) in offsets.items()
        ]
        try:
            answered = self._consumer.commit(offsets=wanted, asynchronous=False)
        except KafkaException as error:
            raise _refused(error.args[0]) from None
        for place in answered or ():
            if place.error is not None:
                raise _refused(place.error) from None

    def pause(self) -> None:
        """See Member."""
        self._consumer.pause(self._consumer.assignment())

    def resume(self) -> None:
        """See Member."""
        self._consumer.resume(self._consumer.assignment())

    def close(self) -> None:
        """See Member."""
        self._consumer.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        positions: dict[Place, tuple[int, str | None]] = {}
        epochs: dict[str, str] = {}
        if partitions:
            for place in self._asked(lambda: _whole(consumer.committed(partitions, timeout=_TIMEOUT))):
                offset = place.offset
                if offset < 0:
                    offset, _ = self._asked(partial(consumer.get_watermark_offsets, place, timeout=_TIMEOUT))
                positions[self._place(place)] = (offset, place.metadata)
            epochs = self._asked(lambda: self._topic_ids({partition.topic for partition in partitions}))
        self._told_assigned(positions, epochs)
        self._member = consumer.memberid()
        consumer.assign(
            [
                TopicPartition(self._prefix + topic, partition, offset)
                for (topic, partition), (offset, _) in positions.items()
            ]
        )

    def _topic_ids(self, names: Iterable[str]) -> dict[str, str]:
        described = self._admin.describe_topics(TopicCollection(sorted(names)), request_timeout=_TIMEOUT)
        return {name.removeprefix(self._prefix): str(f.result(_TIMEOUT).topic_id) for name, f in described.items()}

    def _asked(self, question: Callable[[], AnswerT]) -> AnswerT:
        """An answer of the broker, asked again while leaders move. KafkaException when it does not come."""
        for _ in range(_TRIES):
            try:
                return question()
            except KafkaException:
                time.sleep(_PAUSE)
        return question()

    def _on_revoke(self, consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._member = ""
        self._told_revoked()
        consumer.unassign()

    def _place(self, partition: TopicPartition) -> Place:
        return partition.topic.removeprefix(self._prefix), partition.partition


def _whole(places: list[TopicPartition]) -> list[TopicPartition]:
    """Committed offsets, if all of them are known; KafkaException otherwise."""
    for place in places:
        if place.error is not None:
            raise KafkaException(place.error)
    return places


def _refused(error: KafkaError) -> PipelineError:
    if error.code() in FENCING:
        return Fenced(f"the commit was refused: {error.name()}")
    return BrokerBusy(f"the commit did not get through: {error.name()}")
