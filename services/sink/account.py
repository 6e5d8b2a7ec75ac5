"""What the sink says of a landed range: dead letters, its ledger entries, metrics."""

import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from confluent_kafka import KafkaException, Producer

import schemas
from services.runtime import kafka
from services.runtime.codec import HEADER_BYTES, Codec
from services.runtime.deadletters import dead_letter
from services.runtime.errors import BrokerBusy
from services.runtime.ledger import HOUR_MS, Counts, Outputs, entry, writer_key
from services.runtime.metrics import metrics
from services.runtime.registry import Registry
from services.sink.buffer import Record
from services.sink.peek import channel_and_time, fits
from services.sink.ranges import Range
from services.sink.settings import SinkSettings
from services.sink.targets import Parcel, Refusal

SERVICE: Final = "sink"
CONFIRM_SECONDS: Final = 30.0


class Landing(NamedTuple):
    """A range whose rows are in the warehouse."""

    span: Range
    records: Sequence[Record]
    refusals: Sequence[Refusal]
    parcels: Sequence[Parcel]


class Account:
    """Accounts for one lander. Gold alone has ledger entries: the ledger of the ledger would never end."""

    def __init__(self, settings: SinkSettings, codec: Codec, registry: Registry) -> None:
        self._settings = settings
        self._codec = codec
        self._registry = registry
        self._producer: Producer = kafka.producer(settings, linger_ms=0)
        self._peekable: dict[int, bool] = {}

    def logical(self, topic: str) -> str:
        """A topic's name without prefix."""
        return self._settings.logical(topic)

    def took(self, seconds: float) -> None:
        """A round took so long."""
        metrics().histogram("batch_seconds").labels(SERVICE).observe(seconds)

    def settle(self, landings: Sequence[Landing]) -> None:
        """Write dead letters and ledger entries, and return once the broker has them. BrokerBusy: try again.

        A second call for the same ranges writes the same letters and entries, which collapse in the warehouse.
        """
        now = int(time.time() * 1000)
        letters = [Outputs(self._settings.topic_prefix) for _ in landings]
        for landing, outputs in zip(landings, letters, strict=True):
            for refusal in landing.refusals:
                self._bury(landing.span, refusal, now, outputs)
        self._confirm(letters)
        entries = Outputs(self._settings.topic_prefix)
        for landing, outputs in zip(landings, letters, strict=True):
            if not landing.span.topic.startswith("gold."):
                continue
            key = writer_key(SERVICE, self._settings.instance)
            for value in self._entries(landing, now, outputs):
                self._produce("ledger", key, self._codec.encode("LedgerEntry", value), entries)
        self._confirm([entries])
        for landing in landings:
            self._count(landing)

    def _bury(self, span: Range, refusal: Refusal, now: int, outputs: Outputs) -> None:
        record, reason, detail = refusal
        letter = dead_letter(
            group=SERVICE,
            service=SERVICE,
            reason=reason,
            detail=detail,
            topic=span.topic,
            partition=span.partition,
            offset=record.offset,
            log_time=record.timestamp,
            key=record.key,
            value=record.value,
            failed_at=now,
            headers=record.headers,
        )
        self._produce("dead-letters", record.key, self._codec.encode("DeadLetter", letter), outputs)

    def _entries(self, landing: Landing, now: int, outputs: Outputs) -> list[dict[str, object]]:
        """One entry for each run of records of one log hour, end to end from span.first to span.end."""
        span, records = landing.span, landing.records
        refused = {refusal.record.offset for refusal in landing.refusals}
        runs = [
            (hour * HOUR_MS, list(group))
            for hour, group in groupby(records, key=lambda record: record.timestamp // HOUR_MS)
        ]
        entries = []
        start = span.first
        for index, (hour, group) in enumerate(runs):
            end = span.end if index == len(runs) - 1 else group[-1].offset + 1
            dead = sum(record.offset in refused for record in group)
            channels = Counter(
                channel for record in group if record.offset not in refused and (channel := self._channel(record))
            )
            entries.append(
                entry(
                    service=SERVICE,
                    topic=span.topic,
                    partition=span.partition,
                    from_position=start,
                    to_position=end,
                    log_hour=hour,
                    committed_at=now,
                    instance=self._settings.instance,
                    counts=Counts(read=len(group), written=len(group) - dead, dead=dead),
                    channels=channels,
                    outputs=outputs if index == 0 else None,
                )
            )
            start = end
        return entries

    def _channel(self, record: Record) -> str:
        found = self._peek(record)
        return found[0] if found else ""

    def _peek(self, record: Record) -> tuple[str, int] | None:
        value = record.value or b""
        schema_id = int.from_bytes(value[1:HEADER_BYTES], "big")
        if schema_id not in self._peekable:
            schema = self._registry.schema(schema_id)
            self._peekable[schema_id] = schema is not None and fits(schemas.bare(schema))
        try:
            if self._peekable[schema_id]:
                return channel_and_time(value[HEADER_BYTES:])
            event = self._codec.decode("GoldEvent", value)
            return str(event["channel"]), int(event["occurred_at"])
        except Exception:  # a count by channel is worth less than the record
            return None

    def _count(self, landing: Landing) -> None:
        span, records, refusals, parcels = landing
        counted = metrics()
        counted.counter("events_consumed").labels(SERVICE, span.topic).inc(len(records))
        for refusal in refusals:
            counted.counter("dead_letters").labels(SERVICE, refusal.reason).inc()
        for parcel in parcels:
            counted.counter("sink_rows").labels(parcel.table).inc(len(parcel.rows))
        if not span.topic.startswith("gold."):
            return
        now = time.time()
        latency = counted.histogram("end_to_end_seconds")
        newest: dict[str, int] = {}
        for record in records:
            found = self._peek(record)
            if found:
                channel, occurred_at = found
                latency.labels(channel, "warehouse").observe(max(0.0, now - occurred_at / 1000))
                newest[channel] = max(newest.get(channel, 0), occurred_at)
        for channel, occurred_at in newest.items():
            counted.gauge("last_event_timestamp_seconds").labels(channel).set(occurred_at / 1000)

    def _produce(self, topic: str, key: bytes | None, value: bytes, outputs: Outputs) -> None:
        try:
            self._producer.produce(self._settings.topic(topic), value, key, on_delivery=outputs.delivered)
        except (BufferError, KafkaException) as error:
            self._producer.poll(0.1)
            raise BrokerBusy("the broker does not keep up") from error

    def _confirm(self, outputs: Sequence[Outputs]) -> None:
        if self._producer.flush(CONFIRM_SECONDS) or any(output.failed is not None for output in outputs):
            raise BrokerBusy("the broker did not confirm dead letters and ledger entries")
