"""One member of a consumer group that commits by hand, and what its commits may be refused for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

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
            for committed in consumer.committed(partitions, timeout=_TIMEOUT):
                if committed.error is not None:
                    raise KafkaException(committed.error)
                offset = committed.offset
                if offset < 0:
                    offset, _ = consumer.get_watermark_offsets(committed, timeout=_TIMEOUT)
                positions[self._place(committed)] = (offset, committed.metadata)
            names = sorted({partition.topic for partition in partitions})
            described = self._admin.describe_topics(TopicCollection(names), request_timeout=_TIMEOUT)
            epochs = {
                name.removeprefix(self._prefix): str(future.result(_TIMEOUT).topic_id)
                for name, future in described.items()
            }
        self._told_assigned(positions, epochs)
        self._member = consumer.memberid()
        consumer.assign(
            [
                TopicPartition(self._prefix + topic, partition, offset)
                for (topic, partition), (offset, _) in positions.items()
            ]
        )

    def _on_revoke(self, consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._member = ""
        self._told_revoked()
        consumer.unassign()

    def _place(self, partition: TopicPartition) -> Place:
        return partition.topic.removeprefix(self._prefix), partition.partition


def _refused(error: KafkaError) -> PipelineError:
    if error.code() in FENCING:
        return Fenced(f"the commit was refused: {error.name()}")
    return BrokerBusy(f"the commit did not get through: {error.name()}")
