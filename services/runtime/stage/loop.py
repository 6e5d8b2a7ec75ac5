"""The loop of a stage: take in, choose a lane, hand over, commit; assignment and restore in between."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, Message, TopicPartition

from services.runtime import kafka
from services.runtime.codec import Codec, codec_of
from services.runtime.errors import BrokerBusy, FatalStageError
from services.runtime.health import Health
from services.runtime.settings import ServiceSettings
from services.runtime.stage.changelog import restore
from services.runtime.stage.isolation import handled
from services.runtime.stage.lanes import Lanes, Place
from services.runtime.stage.observation import Observer
from services.runtime.stage.records import Handler, Outcomes, Record, StageSpec
from services.runtime.stage.transaction import Aborted, Transactions

POLL_SECONDS: Final = 0.1
ASK_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 0.5
CACHE_SECONDS: Final = 300.0
"""How long the state of a partition that moved away is kept in case it comes back."""
BUFFERED_BATCHES: Final = 4

_log = logging.getLogger(__name__)


class Stage:
    """One instance of a stage. run() blocks; everything happens in its thread, rebalance callbacks included."""

    def __init__(
        self,
        settings: ServiceSettings,
        spec: StageSpec,
        handler: Handler,
        health: Health | None = None,
        codec: Codec | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._spec = spec
        self._handler = handler
        self._health = health or Health()
        self._clock = clock
        self._lanes = Lanes(spec.lanes, settings.batch_lane_share, settings.batch_max_records)
        self._part = f"stage {spec.group}"
        self._health.expect(self._part)
        self._transactions = Transactions(settings, spec, codec or codec_of(settings), self._beat)
        self._consumer: Consumer = kafka.consumer(settings, spec.group, error_cb=self._on_error)
        self._observer = Observer(settings, spec, self._consumer)
        self._positions: dict[Place, int] = {}
        self._wanted: list[TopicPartition] | None = None
        self._state_at: dict[int, int] = {}
        self._left_at: dict[int, float] = {}
        self._paused: set[str] = set()
        self._fatal: KafkaError | None = None
        self._started_at = -POLL_SECONDS
        self._logical = {settings.topic(name): name for names in spec.lanes.values() for name in names}

    def run(self, stop: threading.Event) -> None:
        """Process until `stop` is set. FatalStageError when this instance must be replaced by a fresh one."""
        self._transactions.open(stop.is_set)
        topics = [self._settings.topic(name) for names in self._spec.lanes.values() for name in names]
        self._consumer.subscribe(topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke)
        try:
            while not stop.is_set():
                self._turn(stop)
        finally:
            self._transactions.close()
            self._consumer.close()
            self._health.done(self._part)

    def _turn(self, stop: threading.Event) -> None:
        lane = self._lanes.choose()
        self._take_in(0.0 if lane is not None and self._due(lane) else self._pause(lane))
        if self._fatal is not None:
            raise FatalStageError(f"{self._spec.group}: the broker took this instance out ({self._fatal.name()})")
        if self._wanted is not None:
            self._settle(stop)
        lane = self._lanes.choose()
        if lane is not None and self._due(lane):
            self._process(lane, stop)
        if self._observer.healthy(self._positions, self._lanes):
            self._beat()
        self._forget_old_state()

    def _due(self, lane: str) -> bool:
        """Whether a batch may start now.

        A transaction costs the broker the same for one record as for a thousand: a busy stage starts one every
        BATCH_LINGER_MS at most, an idle one at once.
        """
        full = self._lanes.waiting(lane) >= self._settings.batch_max_records
        return full or time.monotonic() - self._started_at >= self._settings.batch_linger_ms / 1000

    def _pause(self, lane: str | None) -> float:
        """How long to wait for records: until the next batch is due, or a little when there is nothing to do."""
        if lane is None:
            return POLL_SECONDS
        return max(self._started_at + self._settings.batch_linger_ms / 1000 - time.monotonic(), 0.0)

    def _take_in(self, wait: float) -> None:
        """Move what has arrived into the lanes, waiting for it if need be."""
        first = self._consumer.poll(wait)
        if first is None:
            return
        self._add(first)
        for message in self._consumer.consume(self._settings.batch_max_records, 0):
            self._add(message)
        self._observer.received()
        self._regulate()

    def _add(self, message: Message) -> None:
        error, name = message.error(), message.topic() or ""
        topic = self._logical.get(name) or self._settings.logical(name)
        if error is None:
            self._lanes.add(
                Record(
                    topic,
                    message.partition() or 0,
                    message.offset() or 0,
                    message.timestamp()[1],
                    message.key(),
                    message.value(),
                    message.headers() or None,
                )
            )
        elif error.code() == KafkaError._PARTITION_EOF:
            self._lanes.end(topic, message.partition() or 0)
        else:
            self._on_error(error)

    def _regulate(self) -> None:
        """Stop fetching a slow lane whose buffer is full, and go on only when it is nearly empty (hysteresis)."""
        full = BUFFERED_BATCHES * self._settings.batch_max_records
        for lane in self._spec.lanes:
            if lane == self._lanes.urgent:
                continue
            waiting = self._lanes.waiting(lane)
            if waiting >= full and lane not in self._paused:
                self._consumer.pause(self._partitions_of(lane))
                self._paused.add(lane)
            elif waiting < full // 8 and lane in self._paused:
                self._consumer.resume(self._partitions_of(lane))
                self._paused.discard(lane)

    def _partitions_of(self, lane: str) -> list[TopicPartition]:
        names = self._spec.lanes[lane]
        return [TopicPartition(self._settings.topic(t), p) for t, p in self._positions if t in names]

    def _process(self, lane: str, stop: threading.Event) -> None:
        records = self._lanes.take(lane)
        started = self._started_at = time.monotonic()
        try:
            outcomes = handled(self._handler, records, lane, self._now(), self._spec.group)
        except BrokerBusy as error:
            _log.warning("batch put back", extra={"why": str(error)})
            self._lanes.put_back(lane, records)
            self._beat()
            stop.wait(RETRY_SECONDS)
            return
        try:
            behind = self._transactions.commit(outcomes, self._consumer, self._positions, self._now())
        except Aborted:
            self._observer.aborted()
            self._rewind()
            return
        self._handler.apply(outcomes)
        self._advance(outcomes, behind)
        seconds = time.monotonic() - started
        self._lanes.spent(lane, seconds, len(records))
        self._regulate()
        self._observer.committed(outcomes, seconds, self._now())

    def _advance(self, outcomes: Outcomes, behind: dict[int, int]) -> None:
        for record in outcomes.records:
            place = (record.topic, record.partition)
            if record.offset >= self._positions[place]:
                self._positions[place] = record.offset + 1
        self._state_at.update(behind)

    def _rewind(self) -> None:
        """Read again from the last committed positions: a batch was given up."""
        self._lanes.assign(self._positions)
        self._assign()

    def _on_assign(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Take the assignment, fetch nothing yet: positions and state come first, outside this callback."""
        self._consumer.assign(partitions)
        if partitions:
            self._consumer.pause(partitions)
        self._wanted = partitions
        self._positions.clear()
        self._lanes.assign(())
        self._health.not_ready(self._part, "restoring state")

    def _on_revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        now = time.monotonic()
        for place in partitions:
            self._left_at[place.partition] = now
        self._wanted = None
        self._positions.clear()
        self._lanes.assign(())
        self._observer.revoked()

    def _settle(self, stop: threading.Event) -> None:
        """Find the committed positions, restore the state behind them, then start fetching."""
        wanted = self._wanted or []
        try:
            positions = self._committed(wanted)
            numbers = {place.partition for place in wanted}
            if self._spec.changelog is not None:
                at = {number: self._state_at.get(number, -1) for number in numbers}
                ends = restore(
                    self._settings, self._spec.service, self._spec.changelog, at, self._handler.restore, self._beat
                )
                self._state_at.update(ends)
        except (BrokerBusy, KafkaException) as error:
            # half a restore must not be added to by the next one
            self._drop_state({place.partition for place in wanted})
            _log.warning("assignment not settled yet", extra={"why": type(error).__name__})
            self._beat()
            stop.wait(RETRY_SECONDS)
            return
        self._wanted = None
        for number in numbers:
            self._left_at.pop(number, None)
        self._positions = positions
        self._lanes.assign(positions)
        self._assign()
        self._health.ready(self._part)
        _log.info("partitions assigned", extra={"partitions": len(positions)})

    def _committed(self, wanted: list[TopicPartition]) -> dict[Place, int]:
        positions = {}
        for place in self._consumer.committed(wanted, ASK_SECONDS) if wanted else ():
            if place.error is not None:
                raise KafkaException(place.error)
            low, _ = self._consumer.get_watermark_offsets(place, ASK_SECONDS) or (0, 0)
            start = low if place.offset == OFFSET_INVALID else place.offset
            if start < low:
                _log.error("records expired unread", extra={"topic": place.topic, "records": low - start})
                start = low
            positions[self._settings.logical(place.topic), place.partition] = start
        return positions

    def _assign(self) -> None:
        places = [TopicPartition(self._settings.topic(t), p, at) for (t, p), at in self._positions.items()]
        self._paused.clear()
        self._consumer.assign(places)
        if places:
            self._consumer.resume(places)

    def _forget_old_state(self) -> None:
        now = time.monotonic()
        old = {number for number, left in self._left_at.items() if now - left > CACHE_SECONDS}
        if old:
            self._drop_state(old)

    def _drop_state(self, numbers: set[int]) -> None:
        for number in numbers:
            self._handler.drop(number)
            self._state_at.pop(number, None)
            self._left_at.pop(number, None)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal() or error.code() in (KafkaError.FENCED_INSTANCE_ID, KafkaError._FATAL):
            self._fatal = error
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            _log.error("an input topic does not exist", extra={"group": self._spec.group})
        elif error.code() == KafkaError._AUTHENTICATION:
            raise FatalStageError("the broker refuses the login: check the KAFKA_SASL_ and KAFKA_SSL_ settings")
        else:
            self._observer.trouble(error)

    def _beat(self) -> None:
        self._health.beat(self._part)

    def _now(self) -> int:
        return int(self._clock() * 1000)
