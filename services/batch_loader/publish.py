"""Sends chunks to the broker without waiting for each: a chunk is read while the one before is on its way."""

from collections.abc import Callable, Sequence
from typing import Protocol

from services.runtime import kafka
from services.runtime.errors import BrokerBusy
from services.runtime.ledger import Outputs
from services.runtime.publish import Publication, check_size
from services.runtime.settings import ServiceSettings

DELIVERY_TIMEOUT_MS = 120_000


class Shipment(Protocol):
    """Records on their way."""

    def wait(self) -> Outputs:
        """Return once the broker has all of them, with where they landed. BrokerBusy when it does not confirm."""
        ...


class Channel(Protocol):
    """Where chunks go."""

    def send(self, records: Sequence[Publication]) -> Shipment:
        """Hand records over. CodecError(oversize) before anything is sent."""
        ...


class KafkaChannel:
    """Sends to Kafka with acks=all."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._producer = kafka.producer(settings, delivery_timeout_ms=DELIVERY_TIMEOUT_MS, linger_ms=20)

    def send(self, records: Sequence[Publication]) -> "KafkaShipment":
        """Queue the records; blocks while librdkafka's queue is full."""
        for record in records:
            check_size(record)
        outputs = Outputs(self._settings.topic_prefix)
        produce, poll = self._producer.produce, self._producer.poll
        names: dict[str, str] = {}
        for topic, key, value, headers in records:
            name = names.get(topic) or names.setdefault(topic, self._settings.topic(topic))
            while True:
                try:
                    produce(name, value, key, headers=headers or [], on_delivery=outputs.delivered)
                    break
                except BufferError:
                    poll(0.1)
        poll(0)
        return KafkaShipment(self._producer.poll, outputs, len(records))


class KafkaShipment:
    """Waits for delivery reports."""

    def __init__(self, poll: Callable[[float], int], outputs: Outputs, expected: int) -> None:
        self._poll = poll
        self._outputs = outputs
        self._expected = expected

    def wait(self) -> Outputs:
        """Serve delivery reports until all are in."""
        while self._outputs.failed is None and self._arrived() < self._expected:
            self._poll(0.1)
        if self._outputs.failed is not None:
            raise BrokerBusy("the broker did not confirm in time: run it again, nothing is loaded twice")
        return self._outputs

    def _arrived(self) -> int:
        return sum(place.records for place in self._outputs.landed.values())
