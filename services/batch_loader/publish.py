"""Sends chunks to the broker without waiting for each: a chunk is read while the one before is on its way."""

from collections.abc import Callable, Sequence
from typing import Protocol

from confluent_kafka import KafkaError, Message, Producer

from services.runtime import kafka
from services.runtime.errors import BrokerBusy
from services.runtime.ledger import HOUR_MS, Landed, Outputs
from services.runtime.publish import Publication
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
        """Hand records over; their sizes are within the limits of their topics."""
        ...


class KafkaChannel:
    """Sends to Kafka with acks=all."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._producer = kafka.producer(
            settings,
            delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
            linger_ms=20,
            queue_buffering_max_messages=50_000,
            queue_buffering_max_kbytes=49_152,
        )

    def send(self, records: Sequence[Publication]) -> "KafkaShipment":
        """Queue the records; blocks while librdkafka's queue is full."""
        shipment = KafkaShipment(self._producer, self._settings, len(records))
        produce, poll = self._producer.produce, self._producer.poll
        routes = {
            topic: (self._settings.topic(topic), shipment.reporter(topic)) for topic in {r.topic for r in records}
        }
        for number, (topic, key, value, _) in enumerate(records):
            name, report = routes[topic]
            while True:
                try:
                    produce(name, value, key, on_delivery=report)
                    break
                except BufferError:
                    poll(0.1)
            if not number & 1_023:
                poll(0)
        return shipment


class KafkaShipment:
    """Collects delivery reports. They are kept as they come and summed up at the end: there is one for each row."""

    def __init__(self, producer: Producer, settings: ServiceSettings, expected: int) -> None:
        self._producer = producer
        self._settings = settings
        self._left = expected
        self._failed: KafkaError | None = None
        self._reports: dict[str, list[tuple[int | None, int | None, int]]] = {}

    def reporter(self, topic: str) -> Callable[[KafkaError | None, Message], None]:
        """The delivery callback of a topic's records."""
        reports = self._reports.setdefault(topic, [])

        def report(error: KafkaError | None, message: Message) -> None:
            self._left -= 1
            if error is None:
                reports.append((message.partition(), message.offset(), message.timestamp()[1]))
            else:
                self._failed = error

        return report

    def wait(self) -> Outputs:
        """Serve delivery reports until all are in."""
        while self._left and self._failed is None:
            self._producer.poll(0.1)
        if self._failed is not None:
            raise BrokerBusy("the broker did not confirm in time: run it again, nothing is loaded twice")
        outputs = Outputs(self._settings.topic_prefix)
        for topic, reports in self._reports.items():
            name = self._settings.topic(topic)
            for partition, offset, at in reports:
                place = outputs.landed.setdefault((name, partition or 0, at // HOUR_MS), Landed())
                place.add(offset or 0)
        return outputs
