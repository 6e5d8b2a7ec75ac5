"""Restores the state of partitions from their changelog, committed records only."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition

from services.runtime import kafka
from services.runtime.errors import BrokerBusy
from services.runtime.metrics import metrics
from services.runtime.settings import ServiceSettings

SLICE: Final = 2_000
PATIENCE_SECONDS: Final = 30.0
_log = logging.getLogger(__name__)


def restore(
    settings: ServiceSettings,
    service: str,
    topic: str,
    positions: Mapping[int, int],
    into: Callable[[int, list[bytes]], None],
    beat: Callable[[], None] = lambda: None,
) -> dict[int, int]:
    """Read each partition of a changelog from its position (or from its start, when that is negative) to its end.

    `into(partition, values)` gets the values, oldest first. Returns the positions behind the end. BrokerBusy when the
    broker is silent for PATIENCE_SECONDS.
    """
    if not positions:
        return {}
    reader = kafka.reader(settings, queued_min_messages=20_000)
    name = settings.topic(topic)
    ends: dict[int, int] = {}
    restored = metrics().counter("restored_records").labels(service)
    started = time.monotonic()
    try:
        reader.assign([TopicPartition(name, p, at if at >= 0 else OFFSET_BEGINNING) for p, at in positions.items()])
        silent_since = time.monotonic()
        while len(ends) < len(positions):
            messages = reader.consume(SLICE, 0.05)
            beat()
            if messages:
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > PATIENCE_SECONDS:
                raise BrokerBusy(f"the changelog {topic} cannot be read now")
            values: dict[int, list[bytes]] = {}
            for message in messages:
                partition, error = message.partition() or 0, message.error()
                if error is not None:
                    if error.code() == KafkaError._PARTITION_EOF:
                        ends[partition] = message.offset() or 0
                    continue
                value = message.value()
                if value is not None:
                    values.setdefault(partition, []).append(value)
            for partition, batch in values.items():
                into(partition, batch)
                restored.inc(len(batch))
    finally:
        reader.close()
    _log.info("state restored", extra={"partitions": len(ends), "seconds": round(time.monotonic() - started, 3)})
    return ends
