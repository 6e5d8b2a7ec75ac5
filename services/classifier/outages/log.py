"""What the detector reads and writes in Kafka beside its Faust stream: incidents, and old observations at a start.

Incidents go out in Kafka transactions of one transactional id: an instance that was stopped and comes back after
another has taken over is fenced, so it cannot publish what it believed.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from services.classifier.outages.rules import DAY_MS
from services.runtime import kafka
from services.runtime.codec import Codec
from services.runtime.errors import CodecError, FatalStageError
from services.runtime.settings import ServiceSettings

OBSERVATIONS: Final = "observations"
INCIDENTS: Final = "incidents"
DEAD_LETTERS: Final = "dead-letters"
GROUP: Final = "classifier-faust"
REPLAY_MS: Final = DAY_MS
"""How far back observations are counted again at a start."""
RETRY_SECONDS: Final = 1.0
IO_SECONDS: Final = 10.0
_log = logging.getLogger(__name__)


class IncidentLog:
    """Publishes incidents and dead letters; each call returns when the broker has committed them."""

    def __init__(self, settings: ServiceSettings, codec: Codec) -> None:
        self._settings = settings
        self._codec = codec
        self._producer: Producer | None = None

    def take_over(self) -> None:
        """Become the one instance that may publish; others are fenced from now on."""
        producer = kafka.producer(
            self._settings,
            transactional_id=self._settings.topic("outage-detector"),
            transaction_timeout_ms=self._settings.transaction_timeout_ms,
        )
        _insist(producer.init_transactions, IO_SECONDS)
        self._producer = producer

    def publish(self, incidents: Iterable[Mapping[str, Any]], dead: Iterable[Mapping[str, Any]] = ()) -> None:
        """Write all in one transaction, again and again until the broker has it. FatalStageError when fenced."""
        records = [(INCIDENTS, i["incident_id"].encode(), self._codec.encode("Incident", i)) for i in incidents] + [
            (DEAD_LETTERS, d["key"], self._codec.encode("DeadLetter", d)) for d in dead
        ]
        while records:
            producer = self._producer
            if producer is None:
                raise FatalStageError("outage detector: nothing can be published before taking over")
            try:
                producer.begin_transaction()
                for topic, key, value in records:
                    producer.produce(self._settings.topic(topic), value, key)
                _insist(producer.commit_transaction, IO_SECONDS)
                return
            except KafkaException as error:
                self._recover(producer, error)

    def _recover(self, producer: Producer, error: KafkaException) -> None:
        fault = error.args[0]
        if fault.fatal():
            raise FatalStageError(f"outage detector: {fault.name()}; another instance has taken over") from error
        _log.warning("incidents cannot be published now", extra={"error": fault.name()})
        if fault.txn_requires_abort():
            _insist(producer.abort_transaction, IO_SECONDS)
        time.sleep(RETRY_SECONDS)


def latest_incidents(settings: ServiceSettings, codec: Codec) -> list[dict[str, Any]]:
    """The last version of every incident on the compacted topic."""
    found: dict[str, dict[str, Any]] = {}
    for message in _read(settings, INCIDENTS, OFFSET_BEGINNING, None):
        try:
            incident = codec.decode("Incident", message.value())
        except CodecError as error:
            _log.error("an incident cannot be read", extra={"reason": error.reason, "offset": message.offset()})
            continue
        found[incident["incident_id"]] = incident
    return sorted(found.values(), key=lambda i: (i["started_at"], i["incident_id"]))


def judged_observations(settings: ServiceSettings, codec: Codec, now: int) -> Iterator[dict[str, Any]]:
    """The observations of the last day up to the position that the detector's group has committed."""
    end = committed_position(settings)
    if end is None:
        return
    reader = kafka.reader(settings)
    try:
        at = TopicPartition(settings.topic(OBSERVATIONS), 0, now - REPLAY_MS)
        start = _insist(reader.offsets_for_times, [at], IO_SECONDS)[0].offset
    finally:
        reader.close()
    if start == OFFSET_END or start >= end:
        return
    for message in _read(settings, OBSERVATIONS, start, end):
        try:
            yield codec.decode("Observation", message.value())
        except CodecError:
            continue  # it is in dead-letters since it was first read


def committed_position(settings: ServiceSettings) -> int | None:
    """Where the detector's group goes on reading; None before its first commit."""
    consumer = Consumer({**settings.librdkafka(), "group.id": settings.topic(GROUP), "logger": _log})
    try:
        partition = TopicPartition(settings.topic(OBSERVATIONS), 0)
        offset = _insist(consumer.committed, [partition], IO_SECONDS)[0].offset
    finally:
        consumer.close()
    return int(offset) if offset >= 0 else None


def _read(settings: ServiceSettings, topic: str, start: int, end: int | None) -> Iterator[Message]:
    """Messages of partition 0 of a topic from `start` up to `end`, or to where the topic ends now."""
    reader = kafka.reader(settings)
    try:
        reader.assign([TopicPartition(settings.topic(topic), 0, start)])
        while True:
            for message in reader.consume(1_000, 0.5):
                error = message.error()
                if error is None:
                    if end is not None and message.offset() >= end:
                        return
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    return
                else:
                    _log.warning("a topic cannot be read now", extra={"topic": topic, "error": error.name()})
    finally:
        reader.close()


def _insist(call: Any, *args: Any) -> Any:
    """Call until it works; a broker that is away is waited for."""
    while True:
        try:
            return call(*args)
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
            _log.warning("the broker cannot be reached now", extra={"error": error.args[0].name()})
            time.sleep(RETRY_SECONDS)
