"""Publishing for those who accept complaints from outside: acknowledged means that the broker has it (acks=all)."""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from services.runtime import kafka
from services.runtime.codec import Codec, codec_of
from services.runtime.errors import BrokerBusy, CodecError
from services.runtime.ledger import NO_POSITION, Counts, Outputs, entry, writer_key
from services.runtime.settings import ServiceSettings
from services.runtime.topics import TOPICS

DELIVERY_TIMEOUT_MS: Final = 1_500
LEDGER_EVERY_SECONDS: Final = 1.0
Headers = list[tuple[str, bytes | None]]


class Publication(NamedTuple):
    """One record to publish: logical topic, key, value, headers."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers | None = None


def check_size(record: Publication) -> None:
    """CodecError(oversize) when a value is above its topic's limit."""
    limit = TOPICS[record.topic].max_bytes
    if len(record.value) > limit:
        raise CodecError("oversize", f"{len(record.value)} bytes, {record.topic} takes at most {limit}")


class _Receipt:
    """Waits for the delivery reports of one call to publish()."""

    __slots__ = ("error", "future", "left", "publisher")

    def __init__(self, publisher: "Publisher", future: "asyncio.Future[None]", left: int) -> None:
        self.publisher = publisher
        self.future = future
        self.left = left
        self.error: KafkaError | None = None

    def delivered(self, error: KafkaError | None, message: Message) -> None:
        """Delivery callback, in the polling thread."""
        self.publisher.outputs.delivered(error, message)
        if error is not None:
            self.error = error
        self.left -= 1
        if self.left == 0:
            self.publisher.finished.append(self)


class Publisher:
    """Publishes from an event loop and counts what was acknowledged in the ledger, as topic http:<service>.

    Use it as an async context manager. One polling thread serves the delivery reports.
    """

    def __init__(self, settings: ServiceSettings, service: str, codec: Codec | None = None) -> None:
        self._settings = settings
        self._service = service
        self._codec = codec or codec_of(settings)
        self._producer: Producer = kafka.producer(
            settings,
            delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
            queue_buffering_max_messages=20_000,
            queue_buffering_max_kbytes=65_536,
            socket_timeout_ms=10_000,
        )
        self.outputs = Outputs(settings.topic_prefix)
        self.finished: list[_Receipt] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="publisher", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> "Publisher":
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    async def publish(self, records: Sequence[Publication]) -> None:
        """Return once the broker has all records.

        BrokerBusy (answer 503) when it does not confirm within DELIVERY_TIMEOUT_MS or the queue is full: the caller may
        send again, second deliveries are recognised by their ids. CodecError(oversize) before anything is sent.
        """
        if not records:
            return
        for record in records:
            check_size(record)
        receipt = _Receipt(self, asyncio.get_running_loop().create_future(), len(records))
        sent = 0
        try:
            for topic, key, value, headers in records:
                self._producer.produce(
                    self._settings.topic(topic), value, key, headers=headers or [], on_delivery=receipt.delivered
                )
                sent += 1
        except (BufferError, KafkaException) as error:
            receipt.left -= len(records) - sent
            raise BrokerBusy("the broker does not keep up: send it again in a few seconds") from error
        await receipt.future

    def _poll(self) -> None:
        last = time.monotonic()
        while not self._stopping.is_set():
            self._producer.poll(0.05)
            self._hand_over()
            if time.monotonic() - last >= LEDGER_EVERY_SECONDS:
                self._write_ledger()
                last = time.monotonic()

    def _hand_over(self) -> None:
        if not self.finished:
            return
        done, self.finished = self.finished, []
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_settle, done)

    def _write_ledger(self) -> None:
        record = ledger_entry(self._settings, self._service, f"http:{self._service}", self.outputs)
        if record is None:
            return
        try:
            key = writer_key(self._service, self._settings.instance)
            self._producer.produce(self._settings.topic("ledger"), self._codec.encode("LedgerEntry", record), key)
        except (BufferError, KafkaException):
            return  # kept for the next time
        self.outputs = Outputs(self._settings.topic_prefix)

    def close(self) -> None:
        """Wait for what is under way, write the last ledger entry, end the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._producer.flush(DELIVERY_TIMEOUT_MS / 1000)
        self._hand_over()
        self._write_ledger()
        self._producer.flush(DELIVERY_TIMEOUT_MS / 1000)


class BlockingPublisher:
    """Publishes from plain code, chunk by chunk: for the batch loader and commands."""

    def __init__(self, settings: ServiceSettings, delivery_timeout_ms: int = 120_000) -> None:
        self._settings = settings
        self._producer = kafka.producer(settings, delivery_timeout_ms=delivery_timeout_ms, linger_ms=20)

    def publish(self, records: Sequence[Publication]) -> Outputs:
        """Return once the broker has all records, with where they landed. BrokerBusy when it does not confirm."""
        outputs = Outputs(self._settings.topic_prefix)
        for record in records:
            check_size(record)
        for topic, key, value, headers in records:
            while True:
                try:
                    self._producer.produce(
                        self._settings.topic(topic), value, key, headers=headers or [], on_delivery=outputs.delivered
                    )
                    break
                except BufferError:
                    self._producer.poll(0.1)
            self._producer.poll(0)
        if self._producer.flush() or outputs.failed is not None:
            raise BrokerBusy("the broker did not confirm in time: run it again, nothing is loaded twice")
        return outputs


def ledger_entry(settings: ServiceSettings, service: str, topic: str, outputs: Outputs) -> dict[str, Any] | None:
    """LedgerEntry of records accepted from outside and written to the pipeline; None when there are none."""
    landed = {(settings.logical(name), p, h): place.records for (name, p, h), place in outputs.landed.items()}
    dead = sum(number for (name, _, _), number in landed.items() if name == "dead-letters")
    written = sum(number for (name, _, _), number in landed.items() if name not in ("ledger", "dead-letters"))
    if not written + dead:
        return None
    now = int(time.time() * 1000)
    return entry(
        service=service,
        topic=topic,
        partition=NO_POSITION,
        from_position=NO_POSITION,
        to_position=NO_POSITION,
        log_hour=now,
        committed_at=now,
        instance=settings.instance,
        counts=Counts(read=written + dead, written=written, dead=dead),
        outputs=outputs,
    )


def _settle(done: list[_Receipt]) -> None:
    for receipt in done:
        if receipt.future.done():
            continue
        if receipt.error is None:
            receipt.future.set_result(None)
        else:
            busy = BrokerBusy("the broker did not confirm in time: send it again in a few seconds")
            receipt.future.set_exception(busy)
