"""confluent_kafka clients, configured the one way that keeps the promises: acks=all, read_committed, murmur2."""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from services.runtime.settings import KafkaSettings, ServiceSettings

MAX_MESSAGE_BYTES: Final = 5 * 1_048_576
"""Above the largest dead letter (4 MB) with its key and headers."""

QUIET_SECONDS: Final = 10.0


class Seldom(logging.Filter):
    """Lets a client's message of one kind pass once in QUIET_SECONDS: a broker that is away makes ten a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._passed: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is told: its kind is the first two words, e.g. FAIL [rdkafka#producer-2]."""
        kind = " ".join(record.getMessage().split(" ", 2)[:2])
        now = self._clock()
        if now - self._passed.get(kind, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        self._passed[kind] = now
        return True


_log = logging.getLogger(__name__)
_log.addFilter(Seldom())


def producer_config(settings: KafkaSettings, **extra: Any) -> dict[str, Any]:
    """Configuration of an idempotent producer."""
    return {
        **settings.librdkafka(),
        "enable.idempotence": True,
        "acks": "all",
        # Java's and Faust's partitioner: records of one customer must meet, whoever produced them
        "partitioner": "murmur2_random",
        "message.max.bytes": MAX_MESSAGE_BYTES,
        "compression.type": "lz4",
        "linger.ms": 2,
        "queue.buffering.max.messages": 200_000,
        "queue.buffering.max.kbytes": 262_144,
        "logger": _log,
        **_dotted(extra),
    }


def consumer_config(settings: ServiceSettings, group: str, **extra: Any) -> dict[str, Any]:
    """Configuration of a member of `group` (logical name) that commits by hand and reads committed records only."""
    config = {
        **settings.librdkafka(),
        "group.id": settings.topic(group),
        "session.timeout.ms": settings.session_timeout_ms,
        "heartbeat.interval.ms": min(3_000, settings.session_timeout_ms // 3),
        "max.poll.interval.ms": 300_000,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        # range gives one member the same partition numbers of all its topics: both lanes meet the same state
        "partition.assignment.strategy": "range",
        "group.protocol": "classic",
        "fetch.message.max.bytes": MAX_MESSAGE_BYTES,
        # little prefetch: what waits in the client cannot be overtaken by the realtime lane
        "queued.min.messages": 20_000,
        "queued.max.messages.kbytes": 16_384,
        "fetch.wait.max.ms": 100,
        "fetch.error.backoff.ms": 50,
        "logger": _log,
    }
    if settings.static_membership:
        config["group.instance.id"] = settings.topic(f"{group}-{settings.instance}")
    return config | _dotted(extra)


def producer(settings: KafkaSettings, **extra: Any) -> Producer:
    """An idempotent producer. Options with underscores for dots override."""
    return Producer(producer_config(settings, **extra))


def consumer(settings: ServiceSettings, group: str, **extra: Any) -> Consumer:
    """A consumer in `group`. Options with underscores for dots override."""
    return Consumer(consumer_config(settings, group, **extra))


def admin(settings: KafkaSettings) -> AdminClient:
    """An admin client."""
    return AdminClient({**settings.librdkafka(), "logger": _log})


def reader(settings: KafkaSettings, **extra: Any) -> Consumer:
    """A consumer outside any group: reads committed records of the partitions it is assigned by hand."""
    return Consumer(
        {
            **settings.librdkafka(),
            "group.id": settings.topic("reader"),
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "fetch.message.max.bytes": MAX_MESSAGE_BYTES,
            "fetch.wait.max.ms": 50,
            "logger": _log,
            **_dotted(extra),
        }
    )


def _dotted(extra: dict[str, Any]) -> dict[str, Any]:
    """Options with dots; callbacks (error_cb, stats_cb) keep the client's own spelling."""
    return {name if name.endswith("_cb") else name.replace("_", "."): value for name, value in extra.items()}
