"""Reading and replaying dead letters: what `python -m services.runtime dead-letters` does."""

import getpass
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition

from services.runtime import kafka
from services.runtime.codec import Codec
from services.runtime.deadletters import ATTEMPT_HEADER, GROUP_HEADER
from services.runtime.errors import BrokerBusy, CodecError, PipelineError
from services.runtime.publish import BlockingPublisher, Publication
from services.runtime.settings import ServiceSettings
from services.runtime.topics import TOPICS

TOPIC: Final = "dead-letters"
LETTER_HEADER: Final = "replay-of"
"""Header of a replayed record: the id of its letter."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters are meant; None leaves a field open. Times in ms UTC, [since, until)."""

    service: str | None = None
    reason: str | None = None
    topic: str | None = None
    since: int | None = None
    until: int | None = None
    letter_id: str | None = None

    def takes(self, letter: dict[str, Any]) -> bool:
        """Whether a letter is meant."""
        return (
            (self.service is None or letter["service"] == self.service)
            and (self.reason is None or letter["reason"] == self.reason)
            and (self.topic is None or letter["topic"] == self.topic)
            and (self.since is None or letter["failed_at"] >= self.since)
            and (self.until is None or letter["failed_at"] < self.until)
            and (self.letter_id is None or letter["dead_letter_id"].startswith(self.letter_id))
        )


def read(settings: ServiceSettings, codec: Codec, wanted: Filter, timeout: float = 20.0) -> Iterator[dict[str, Any]]:
    """Letters that are in the topic now, oldest first a partition. BrokerBusy when the broker does not answer."""
    reader = kafka.reader(settings)
    name = settings.topic(TOPIC)
    try:
        known = reader.list_topics(name, timeout=timeout).topics[name]
        if known.error is not None:
            raise PipelineError(f"topic {name} does not exist: start the pipeline once (make up)")
        places = [TopicPartition(name, number, OFFSET_BEGINNING) for number in known.partitions]
        reader.assign(places)
        open_ends = len(places)
        while open_ends:
            message = reader.poll(timeout)
            if message is None:
                raise BrokerBusy(f"no broker at {settings.kafka_bootstrap_servers}: check KAFKA_BOOTSTRAP_SERVERS")
            error = message.error()
            if error is not None:
                open_ends -= error.code() == KafkaError._PARTITION_EOF
                continue
            try:
                letter = codec.decode("DeadLetter", message.value())
            except CodecError:
                _log.warning("a dead letter cannot be read", extra={"offset": message.offset()})
                continue
            if wanted.takes(letter):
                yield letter
    finally:
        reader.close()


def record_access(letter: dict[str, Any], purpose: str) -> None:
    """Every sight of raw bytes by a person leaves a trace: who, when, which (never what)."""
    _log.warning(
        "raw bytes of a dead letter were read",
        extra={"letter": letter["dead_letter_id"], "by": getpass.getuser(), "purpose": purpose},
    )


def replayable(letter: dict[str, Any]) -> str | None:
    """Why a letter cannot be replayed, or None when it can."""
    if letter["topic"] not in TOPICS:
        return "it came from a file or a request: load or send that again"
    if letter["value"] is None:
        return "it has no value"
    return None


def replay(settings: ServiceSettings, letters: list[dict[str, Any]]) -> int:
    """Send letters back where they came from, marked as replayed for the group that failed; how many were sent.

    The record keeps its key and bytes, so it keeps its identity; it was never in the seen-set, so it is no redelivery.
    """
    publisher = BlockingPublisher(settings)
    records = [
        Publication(
            letter["topic"],
            letter["key"],
            letter["value"],
            [
                *(
                    (n, v)
                    for n, v in letter["headers"].items()
                    if n not in (ATTEMPT_HEADER, GROUP_HEADER, LETTER_HEADER)
                ),
                (ATTEMPT_HEADER, str(letter["attempt"] + 1).encode()),
                (GROUP_HEADER, letter["group"].encode()),
                (LETTER_HEADER, letter["dead_letter_id"].encode()),
            ],
        )
        for letter in letters
    ]
    publisher.publish(records)
    now = int(time.time() * 1000)
    for letter in letters:
        _log.info("dead letter replayed", extra={"letter": letter["dead_letter_id"], "replayed_at": now})
    return len(records)
