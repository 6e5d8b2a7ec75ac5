"""What a stage tells of itself: metrics after each commit, lag, and whether it is stuck."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from typing import Final

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from services.runtime import kafka
from services.runtime.metrics import metrics
from services.runtime.settings import ServiceSettings
from services.runtime.stage.lanes import Lanes, Place
from services.runtime.stage.records import REDELIVERED, Outcomes, StageSpec

LAG_EVERY_SECONDS: Final = 5.0
LOOK_EVERY_SECONDS: Final = 15.0
LOG_TROUBLE_EVERY_SECONDS: Final = 10.0
_log = logging.getLogger(__name__)


class Observer:
    """Metrics and the stuck check of one stage."""

    def __init__(self, settings: ServiceSettings, spec: StageSpec, consumer: Consumer) -> None:
        self._settings = settings
        self._spec = spec
        self._consumer = consumer
        self._admin = kafka.admin(settings)
        self._received_at = time.monotonic()
        self._looked_at = time.monotonic()
        self._lag_at = 0.0
        self._trouble_at = -LOG_TROUBLE_EVERY_SECONDS
        self._behind: dict[Place, int] = {}
        self._stuck = False

    def received(self) -> None:
        """Records or ends of partitions arrived."""
        self._received_at = time.monotonic()
        self._stuck = False
        self._behind.clear()

    def revoked(self) -> None:
        """Partitions went away: their lag is another instance's."""
        gauge = metrics().gauge("consumer_lag")
        topics = {topic for names in self._spec.lanes.values() for topic in names}
        for labels in [sample.labels for metric in gauge.collect() for sample in metric.samples]:
            if labels["service"] == self._spec.service and labels["topic"] in topics:
                gauge.remove(labels["service"], labels["topic"], labels["partition"])

    def aborted(self) -> None:
        """A transaction was given up."""
        metrics().counter("transactions_aborted").labels(self._spec.service).inc()

    def committed(self, outcomes: Outcomes, seconds: float, now: int) -> None:
        """Count a committed batch."""
        catalogue, service = metrics(), self._spec.service
        for topic, number in Counter(record.topic for record in outcomes.records).items():
            catalogue.counter("events_consumed").labels(service, topic).inc(number)
        for topic, number in Counter(output.topic for output in outcomes.outputs).items():
            catalogue.counter("events_produced").labels(service, topic).inc(number)
        for reason, number in Counter(failure.reason for failure in outcomes.failures.values()).items():
            catalogue.counter("dead_letters").labels(service, reason).inc(number)
        for reason, number in Counter(outcomes.ignored_for.values()).items():
            catalogue.counter("records_ignored").labels(service, reason).inc(number)
        dropped = outcomes.fates.count(REDELIVERED)
        if dropped:
            catalogue.counter("redeliveries_dropped").labels(service).inc(dropped)
        catalogue.histogram("batch_seconds").labels(service).observe(seconds)
        if self._spec.layer:
            youngest: dict[str, int] = {}
            for channel, occurred_at in outcomes.times:
                catalogue.histogram("end_to_end_seconds").labels(channel, self._spec.layer).observe(
                    max(now - occurred_at, 0) / 1000
                )
                youngest[channel] = max(youngest.get(channel, 0), occurred_at)
            for channel, at in youngest.items():
                catalogue.gauge("last_event_timestamp_seconds").labels(channel).set(at / 1000)

    def healthy(self, positions: Mapping[Place, int], lanes: Lanes) -> bool:
        """Whether the loop moves, or has nothing to do, or waits for a broker that is away."""
        now = time.monotonic()
        if now - self._lag_at > LAG_EVERY_SECONDS:
            self._lag_at = now
            self._report_lag(positions)
        if any(lanes.waiting(lane) for lane in self._spec.lanes):
            return True  # the next turn works on it; a turn that hangs does not come back here
        if positions and now - self._received_at > LOOK_EVERY_SECONDS and now - self._looked_at > LOOK_EVERY_SECONDS:
            self._looked_at = now
            self._look(positions)
        return not self._stuck

    def _look(self, positions: Mapping[Place, int]) -> None:
        """Ask the broker itself: records that have been there since the last look and never arrived mean stuck."""
        asked = {TopicPartition(self._settings.topic(t), p): OffsetSpec.latest() for t, p in positions}
        ends: dict[Place, int] = {}
        try:
            futures = self._admin.list_offsets(
                asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=5.0
            )
            for place, future in futures.items():
                ends[self._settings.logical(place.topic), place.partition] = future.result(timeout=6.0).offset
        except (KafkaException, TimeoutError):
            self._behind.clear()  # the broker is away: waiting is right
            return
        reached = {
            (self._settings.logical(place.topic), place.partition): place.offset
            for place in self._consumer.position([TopicPartition(self._settings.topic(t), p) for t, p in positions])
        }
        # a control record keeps the end one or a few above the position for ever: only an end that moved while
        # nothing arrived tells of a dead fetcher
        before, self._behind = self._behind, {p: end for p, end in ends.items() if end > max(reached.get(p, 0), 0)}
        self._stuck = any(place in before and end > before[place] for place, end in self._behind.items())

    def _report_lag(self, positions: Mapping[Place, int]) -> None:
        gauge = metrics().gauge("consumer_lag")
        for (topic, partition), position in positions.items():
            try:
                _, high = self._consumer.get_watermark_offsets(
                    TopicPartition(self._settings.topic(topic), partition), cached=True
                ) or (0, 0)
            except KafkaException:
                continue
            gauge.labels(self._spec.service, topic, str(partition)).set(max(high - position, 0))

    def trouble(self, error: KafkaError) -> None:
        """A passing fault of the client: logged now and then, not each time."""
        now = time.monotonic()
        if now - self._trouble_at >= LOG_TROUBLE_EVERY_SECONDS:
            self._trouble_at = now
            _log.warning("broker trouble", extra={"group": self._spec.group, "error": error.name()})
