"""One Kafka transaction a batch: outputs, dead letters, changelog, ledger and positions commit together or not."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from services.runtime import kafka
from services.runtime.codec import Codec
from services.runtime.deadletters import TRACE_HEADER, dead_letter
from services.runtime.errors import FatalStageError
from services.runtime.ledger import HOUR_MS, Counts, Outputs, entry, writer_key
from services.runtime.settings import ServiceSettings
from services.runtime.stage.records import (
    DEAD,
    IGNORED,
    JOINED,
    REDELIVERED,
    Headers,
    Outcomes,
    Record,
    StageSpec,
)
from services.runtime.topics import TOPICS

STEP_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)


class Aborted(Exception):
    """The transaction was given up: nothing of the batch was written, it must be read again."""


class Group:
    """The records of a batch that share a partition and an hour of its log: one ledger entry."""

    __slots__ = ("channels", "counts", "end", "hour", "outputs", "place")

    def __init__(self, place: tuple[str, int], hour: int, prefix: str) -> None:
        self.place = place
        self.hour = hour
        self.end = 0
        """Position behind its last record."""
        self.counts = Counts()
        self.outputs = Outputs(prefix)
        self.channels: dict[str, int] = {}


def grouped(records: Sequence[Record], prefix: str) -> tuple[list[Group], list[Group]]:
    """The groups of a batch in order of their logs, and the group of each record."""
    groups: dict[tuple[str, int, int], Group] = {}
    of_record: list[Group] = []
    for topic, partition, offset, timestamp, *_ in records:
        key = (topic, partition, timestamp // HOUR_MS)
        group = groups.get(key)
        if group is None:
            group = groups[key] = Group((topic, partition), timestamp, prefix)
        if offset >= group.end:
            group.end = offset + 1
        of_record.append(group)
    return [groups[key] for key in sorted(groups)], of_record


def count(outcomes: Outcomes, of_record: list[Group]) -> None:
    """Fill the counts of the groups; every record has exactly one fate (isolation.py saw to that)."""
    for index, group in enumerate(of_record):
        counts, fate, mains = group.counts, outcomes.fates[index], outcomes.mains[index]
        counts.read += 1
        if mains:
            counts.written += mains
            counts.split += mains - 1
        elif fate == DEAD:
            counts.dead += 1
        elif fate == REDELIVERED:
            counts.redelivered += 1
        elif fate == IGNORED:
            counts.ignored += 1
        elif fate == JOINED:
            counts.joined += 1
    for index, channel in outcomes.channels:
        of_record[index].channels[channel] = of_record[index].channels.get(channel, 0) + 1


def too_large(outcomes: Outcomes) -> dict[int, str]:
    """Inputs whose output is above the limit of its topic, with what to say."""
    found: dict[int, str] = {}
    for output in outcomes.outputs:
        size = len(output.value)
        if size > 1_000_000 and size > TOPICS[output.topic].max_bytes:
            found[output.source] = f"an output of {size} bytes is above the limit of {output.topic}"
    return found


class Transactions:
    """The transactional producer of one stage instance."""

    def __init__(self, settings: ServiceSettings, spec: StageSpec, codec: Codec, beat: Callable[[], None]) -> None:
        self._settings = settings
        self._spec = spec
        self._codec = codec
        self._beat = beat
        self._producer: Producer = kafka.producer(
            settings,
            transactional_id=settings.topic(f"{spec.group}-{settings.instance}"),
            transaction_timeout_ms=settings.transaction_timeout_ms,
            delivery_timeout_ms=settings.transaction_timeout_ms,
        )

    def open(self, stopped: Callable[[], bool]) -> None:
        """Fence the predecessor of this slot. Waits for the broker as long as it takes, or until stopped."""
        while not stopped():
            try:
                self._producer.init_transactions(STEP_SECONDS)
                return
            except KafkaException as error:
                self._beat()
                if not error.args[0].retriable():
                    raise FatalStageError(
                        f"{self._spec.group}: no transactions ({error.args[0].name()}): check the broker and its ACLs"
                    ) from error

    def commit(
        self, outcomes: Outcomes, consumer: Consumer, positions: dict[tuple[str, int], int], now: int
    ) -> dict[int, int]:
        """Write a batch. `positions` are where its partitions stood before.

        Returns the changelog position behind what was written, by partition. Aborted when nothing was written;
        FatalStageError when this instance was fenced.
        """
        groups, of_record = grouped(outcomes.records, self._settings.topic_prefix)
        count(outcomes, of_record)
        behind: dict[int, int] = {}
        try:
            self._producer.begin_transaction()
            self._write(outcomes, of_record, now)
            failed = Outputs()
            for partition, values in outcomes.changes.items():
                for value in values:
                    self._changelog(partition, value, failed, behind)
            self._flush()
            if failed.failed is not None or any(group.outputs.failed is not None for group in groups):
                raise Aborted
            self._write_ledger(groups, positions, now)
            ends = {group.place: group.end for group in groups}
            offsets = [TopicPartition(self._settings.topic(t), p, end) for (t, p), end in ends.items()]
            self._stepwise(
                lambda: self._producer.send_offsets_to_transaction(
                    offsets, consumer.consumer_group_metadata(), STEP_SECONDS
                )
            )
            self._stepwise(lambda: self._producer.commit_transaction(STEP_SECONDS))
        except Aborted:
            self._abort()
            raise
        except KafkaException as error:
            self._give_up(error)
        return behind

    def _write(self, outcomes: Outcomes, of_record: list[Group], now: int) -> None:
        records = outcomes.records
        produce, real = self._producer.produce, {topic: self._settings.topic(topic) for topic in TOPICS}
        for index, topic, key, value, headers in outcomes.outputs:
            if headers is None and records[index].headers:
                headers = _trace(records[index].headers)
            if headers:
                self._produce(topic, key, value, of_record[index].outputs.delivered, headers)
                continue
            try:
                # the hot path: no headers, no function of ours in between
                produce(real[topic], value, key, on_delivery=of_record[index].outputs.delivered)
            except BufferError:
                self._produce(topic, key, value, of_record[index].outputs.delivered)
        for index, failure in outcomes.failures.items():
            record = records[index]
            letter = dead_letter(
                group=self._spec.group,
                service=self._spec.service,
                reason=failure.reason,
                detail=failure.detail,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                log_time=record.timestamp,
                key=record.key,
                value=record.value,
                failed_at=now,
                headers=record.headers,
            )
            encoded = self._codec.encode("DeadLetter", letter)
            self._produce("dead-letters", record.key, encoded, of_record[index].outputs.delivered)

    def _produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes,
        delivered: Callable[[KafkaError | None, Message], None],
        headers: Headers | None = None,
        partition: int = -1,
    ) -> None:
        name = self._settings.topic(topic)
        while True:
            try:
                self._producer.produce(
                    name, value, key, partition=partition, on_delivery=delivered, headers=headers or []
                )
                return
            except BufferError:
                self._producer.poll(0.05)
                self._beat()

    def _changelog(self, partition: int, value: bytes, failed: Outputs, behind: dict[int, int]) -> None:
        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                failed.failed = error
            else:
                behind[partition] = max(behind.get(partition, 0), (message.offset() or 0) + 1)

        if self._spec.changelog is None:
            raise FatalStageError(f"{self._spec.service} has state but no changelog")
        self._produce(self._spec.changelog, None, value, delivered, partition=partition)

    def _write_ledger(self, groups: list[Group], positions: dict[tuple[str, int], int], now: int) -> None:
        reached = dict(positions)
        key = writer_key(self._spec.group, self._settings.instance)
        for group in groups:
            place, end = group.place, group.end
            record = entry(
                service=self._spec.service,
                topic=place[0],
                partition=place[1],
                from_position=reached[place],
                to_position=end,
                log_hour=group.hour,
                committed_at=now,
                instance=self._settings.instance,
                counts=group.counts,
                channels=group.channels,
                outputs=group.outputs,
            )
            reached[place] = end
            self._produce("ledger", key, self._codec.encode("LedgerEntry", record), _ignore)

    def _flush(self) -> None:
        while self._producer.flush(STEP_SECONDS):
            self._beat()

    def _stepwise(self, step: Callable[[], None]) -> None:
        """Retry a step that timed out or is retriable: the batch itself is never done again here."""
        while True:
            try:
                step()
                return
            except KafkaException as error:
                self._beat()
                if not error.args[0].retriable():
                    raise

    def _give_up(self, error: KafkaException) -> None:
        reason: KafkaError = error.args[0]
        if reason.fatal() or not reason.txn_requires_abort():
            raise FatalStageError(f"{self._spec.group}: the transaction failed for good ({reason.name()})") from error
        _log.warning("transaction aborted", extra={"service": self._spec.service, "reason": reason.name()})
        self._abort()
        raise Aborted from error

    def _abort(self) -> None:
        try:
            self._stepwise(lambda: self._producer.abort_transaction(STEP_SECONDS))
        except KafkaException as error:
            raise FatalStageError(
                f"{self._spec.group}: the transaction could not be aborted ({error.args[0].name()})"
            ) from error

    def close(self) -> None:
        """Give the broker what is left; nothing is, outside a transaction."""
        self._producer.flush(STEP_SECONDS)


def _trace(headers: Headers | None) -> Headers | None:
    return [pair for pair in headers if pair[0] == TRACE_HEADER] if headers else None


def _ignore(error: KafkaError | None, message: Message) -> None:
    """Of a ledger entry nothing is kept: a failed one fails the commit."""
