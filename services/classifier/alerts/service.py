"""Reads incidents and gold events in a group of its own and tells the receiver; positions are committed after that."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from services.classifier.alerts import alert as alerts
from services.classifier.alerts.alert import Alert, Told
from services.classifier.alerts.sender import RateLimit, Sender
from services.classifier.alerts.settings import AlertSettings
from services.runtime import health as health_server
from services.runtime import kafka, logs
from services.runtime.codec import Codec, codec_of
from services.runtime.deadletters import GROUP_HEADER, dead_letter
from services.runtime.errors import BrokerBusy, CodecError
from services.runtime.health import Health
from services.runtime.settings import load, read_secret

SERVICE: Final = "alerts"
GROUP: Final = "alerts"
INCIDENTS: Final = "incidents"
GOLD: Final = "gold.realtime"
RECORDS: Final = {INCIDENTS: "Incident", GOLD: "GoldEvent"}
POLL_SECONDS: Final = 1.0
FLUSH_SECONDS: Final = 30.0
TAKE: Final = 1_000
_log = logging.getLogger(__name__)


class AlertService:
    """One instance. run() blocks until `stop` is set; a second instance shares the partitions."""

    def __init__(
        self,
        settings: AlertSettings,
        stop: threading.Event,
        health: Health | None = None,
        client: httpx.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._stop = stop
        self._health = health or Health()
        self._clock = clock
        self._codec: Codec = codec_of(settings)
        self._told = Told()
        self._held: list[Message] = []
        """Records that came while the service waited for the receiver."""
        self._consumer: Consumer = kafka.consumer(settings, GROUP, enable_partition_eof=False)
        self._producer: Producer = kafka.producer(settings)
        secret, token = settings.alert_secret_file, settings.alert_token_file
        self._sender = Sender(
            client or httpx.Client(timeout=settings.alert_timeout_seconds),
            settings.alert_url,
            settings.alert_form,
            RateLimit(settings.alert_requests_per_minute, burst=5.0),
            self._pause,
            read_secret(secret, "ALERT_SECRET_FILE").encode() if secret else None,
            read_secret(token, "ALERT_TOKEN_FILE") if token else None,
            clock,
        )
        self._health.expect(SERVICE)

    def run(self) -> None:
        """Consume and tell."""
        topics = [self._settings.topic(name) for name in RECORDS]
        self._consumer.subscribe(topics, on_assign=lambda *_: self._health.ready(SERVICE))
        try:
            while not self._stop.is_set():
                self._health.beat(SERVICE)
                held, self._held = self._held, []
                messages = held + [m for m in self._consumer.consume(TAKE, POLL_SECONDS) if self._is_record(m)]
                if messages and not self._tell(messages):
                    break
        finally:
            self._consumer.close()
            self._health.done(SERVICE)

    def _tell(self, messages: Sequence[Message]) -> bool:
        """Tell what a batch brings, then commit its positions; False when told to stop before that."""
        dead: list[dict[str, Any]] = []
        found: dict[str, tuple[Alert, Message]] = {}
        for message in messages:
            if alert := self._alert(message, dead):
                found[alert.about] = (alert, message)  # of several versions in one batch the last is enough
        batch = [alert for alert, _ in found.values()]
        size = self._settings.alert_batch
        for start in range(0, len(batch), size):
            refused = self._sender.send(batch[start : start + size])
            if refused is None:
                return False
            for alert in refused:
                _log.error("the receiver refused an alert", extra={"kind": alert.kind})
                dead.append(self._letter(found[alert.about][1], "handler_failed", "the receiver refused the alert"))
            for alert in batch[start : start + size]:
                self._told.add(alert.key)
        self._bury(dead)
        try:
            self._consumer.commit(offsets=_positions(messages), asynchronous=False)
        except KafkaException as error:
            # the partitions may have moved on while the receiver was away: their new owner tells once more
            _log.warning("positions of alerts were not committed", extra={"error": error.args[0].name()})
        return True

    def _alert(self, message: Message, dead: list[dict[str, Any]]) -> Alert | None:
        topic = self._logical(message)
        headers = dict(message.headers() or ())
        if headers.get(GROUP_HEADER, GROUP.encode()) != GROUP.encode():
            return None  # a dead letter of another group, replayed
        try:
            record = self._codec.decode(RECORDS[topic], message.value())
            if topic == INCIDENTS:
                alert: Alert | None = alerts.of_incident(record)
            else:
                alert = alerts.of_complaint(record) if self._settings.alert_complaints else None
        except CodecError as error:
            if topic == INCIDENTS and message.value() is None:
                return None  # a tombstone of the compacted topic
            dead.append(self._letter(message, error.reason, str(error)))
            return None
        now, oldest = int(self._clock() * 1000), self._settings.alert_max_age_hours * alerts.HOUR_MS
        if alert is None or not self._told.is_new(alert.key) or not alerts.is_fresh(alert, now, oldest):
            return None
        return alert

    def _letter(self, message: Message, reason: str, detail: str) -> dict[str, Any]:
        return dead_letter(
            group=GROUP,
            service=SERVICE,
            reason=reason,
            detail=detail,
            topic=self._logical(message),
            partition=message.partition() or 0,
            offset=message.offset() or 0,
            log_time=message.timestamp()[1],
            key=message.key(),
            value=message.value(),
            failed_at=int(self._clock() * 1000),
            headers=message.headers(),
        )

    def _bury(self, dead: Sequence[dict[str, Any]]) -> None:
        """Write dead letters and wait for the broker; BrokerBusy ends the process, and the batch is read again."""
        failures: list[KafkaError] = []
        for letter in dead:
            self._producer.produce(
                self._settings.topic("dead-letters"),
                self._codec.encode("DeadLetter", letter),
                letter["key"],
                on_delivery=lambda error, _: failures.append(error) if error else None,
            )
        if dead and (self._producer.flush(FLUSH_SECONDS) > 0 or failures):
            raise BrokerBusy("alerts: dead letters cannot be written; the broker is away")

    def _logical(self, message: Message) -> str:
        return (message.topic() or "").removeprefix(self._settings.topic_prefix)

    def _is_record(self, message: Message) -> bool:
        error = message.error()
        if error is not None:
            _log.warning("a topic cannot be read now", extra={"error": error.name()})
        return error is None

    def _pause(self, seconds: float) -> bool:
        """Wait while the group's membership is kept: poll() keeps the seat, paused partitions give nothing.

        Partitions that come in the meantime are not paused: what they bring is held for the next batch.
        """
        assigned = self._consumer.assignment()
        self._consumer.pause(assigned)
        end = time.monotonic() + seconds
        while not self._stop.is_set() and (left := end - time.monotonic()) > 0:
            message = self._consumer.poll(min(left, POLL_SECONDS))
            if message is not None and self._is_record(message):
                self._held.append(message)
            self._health.beat(SERVICE)
        self._consumer.resume([p for p in self._consumer.assignment() if p in assigned])
        return not self._stop.is_set()


def _positions(messages: Sequence[Message]) -> list[TopicPartition]:
    """The positions behind a batch, one a partition."""
    ends: dict[tuple[str, int], int] = {}
    for message in messages:
        place = (message.topic() or "", message.partition() or 0)
        ends[place] = max(ends.get(place, 0), (message.offset() or 0) + 1)
    return [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    settings = load(AlertSettings)
    logs.configure(SERVICE, settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    health = Health()
    server = health_server.serve(health, settings)
    AlertService(settings, stop, health).run()
    server.shutdown()
    return 0
