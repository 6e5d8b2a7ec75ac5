"""Polls the feeds that this instance owns. Owner of a feed is the owner of its partition of ingest.social.feeds.

The group's assignment is the only lock. Posts and cursor are written in one transaction whose id belongs to the
partition: a new owner fences the old one, so that neither skips nor repeats.
"""

import logging
import random
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from typing import Final

import httpx
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition

from services.ingest_social.feed import Feed, Page
from services.ingest_social.handler import GROUP
from services.ingest_social.intake import Intake
from services.runtime import kafka
from services.runtime.codec import Codec
from services.runtime.errors import PipelineError
from services.runtime.health import Health
from services.runtime.ledger import Outputs
from services.runtime.metrics import metrics
from services.runtime.publish import ledger_entry
from services.runtime.settings import ServiceSettings

TOPIC: Final = "ingest.social.feeds"
PART: Final = "feeds"
LONGEST_BACKOFF: Final = 300.0
ASK_SECONDS: Final = 20.0
_log = logging.getLogger(__name__)


def partition_of(name: str, partitions: int) -> int:
    """The partition that decides who owns a feed."""
    return zlib.crc32(name.encode()) % partitions


class _Owned:
    """A feed of ours: its cursor, when it is due, and how often it failed in a row."""

    def __init__(self, feed: Feed, cursor: str, producer: Producer, partition: int) -> None:
        self.feed = feed
        self.cursor = cursor
        self.producer = producer
        self.partition = partition
        self.due = 0.0
        self.failures = 0


class Feeds:
    """Owns, polls and publishes feeds in one thread."""

    def __init__(
        self,
        settings: ServiceSettings,
        feeds: Sequence[Feed],
        intake: Intake,
        codec: Codec,
        health: Health,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._feeds = feeds
        self._intake = intake
        self._codec = codec
        self._health = health
        self._clock = clock
        self._owned: list[_Owned] = []
        self._assigned: list[int] | None = None
        health.expect(PART)

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop` is set."""
        consumer = kafka.consumer(self._settings, f"{GROUP}-feeds", enable_partition_eof=False)
        consumer.subscribe([self._settings.topic(TOPIC)], on_assign=self._on_assign, on_revoke=self._on_revoke)
        try:
            with httpx.Client(timeout=10.0, headers={"User-Agent": "complaints-pipeline/1"}) as client:
                while not stop.is_set():
                    self._turn(consumer, client)
        finally:
            self._let_go()
            consumer.close()
            self._health.done(PART)

    def _turn(self, consumer: Consumer, client: httpx.Client) -> None:
        consumer.poll(0.2)  # serves the group; the cursors themselves are read on assignment
        if self._assigned is not None:
            try:
                self._take_over(self._assigned)
                self._assigned = None
                self._health.ready(PART)
            except KafkaException as error:
                _log.warning("feeds cannot be taken over yet", extra={"error": error.args[0].name()})
        self._health.beat(PART)
        for owned in list(self._owned):
            if owned in self._owned and self._clock() >= owned.due:
                self._poll(owned, client)

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.assign(partitions)
        if partitions:
            consumer.pause(partitions)
        self._assigned = [place.partition for place in partitions]

    def _on_revoke(self, _: Consumer, __: list[TopicPartition]) -> None:
        self._let_go()
        self._assigned = None

    def _let_go(self) -> None:
        """The feeds are another's now: streams must not stay connected, networks count connections."""
        for owned in self._owned:
            close = getattr(owned.feed, "close", None)
            if close is not None:
                close()
        self._owned = []

    def _take_over(self, partitions: list[int]) -> None:
        """Fence the predecessor of each partition that has feeds, then read the cursors that it committed."""
        total = self._partitions()
        mine = [feed for feed in self._feeds if partition_of(feed.name, total) in partitions]
        producers: dict[int, Producer] = {}
        for partition in {partition_of(feed.name, total) for feed in mine}:
            producer = kafka.producer(
                self._settings,
                transactional_id=self._settings.topic(f"{GROUP}-feeds-{partition}"),
                transaction_timeout_ms=self._settings.transaction_timeout_ms,
            )
            producer.init_transactions(ASK_SECONDS)
            producers[partition] = producer
        cursors = self._cursors(sorted(producers))
        self._owned = [
            _Owned(feed, cursors.get(feed.name, ""), producers[place], place)
            for feed in mine
            for place in (partition_of(feed.name, total),)
        ]

    def _partitions(self) -> int:
        name = self._settings.topic(TOPIC)
        return len(kafka.admin(self._settings).list_topics(name, timeout=ASK_SECONDS).topics[name].partitions)

    def _cursors(self, partitions: list[int]) -> dict[str, str]:
        if not partitions:
            return {}
        reader, found, ended = kafka.reader(self._settings), {}, 0
        try:
            reader.assign([TopicPartition(self._settings.topic(TOPIC), p, OFFSET_BEGINNING) for p in partitions])
            while ended < len(partitions):
                message = reader.poll(ASK_SECONDS)
                if message is None:
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
                error = message.error()
                if error is None:
                    cursor = self._codec.decode("FeedCursor", message.value())
                    found[cursor["feed"]] = cursor["cursor"]
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended += 1
        finally:
            reader.close()
        return found

    def _poll(self, owned: _Owned, client: httpx.Client) -> None:
        now = int(time.time() * 1000)
        try:
            page = owned.feed.poll(client, owned.cursor, now)
            # a post that cannot be read must not hold up the feed: it goes to dead letters
            records = self._intake.records(page.parsed, b"", now, f"feed:{owned.feed.name}", must_accept=True)
        except Exception as error:
            owned.failures += 1
            wait = getattr(error, "seconds", None) or min(owned.feed.pause * 2**owned.failures, LONGEST_BACKOFF)
            owned.due = self._clock() + wait * random.uniform(1.0, 1.3)  # noqa: S311 - jitter, never too early
            metrics().counter("feed_failures").labels(owned.feed.name).inc()
            why = str(error) if isinstance(error, PipelineError) else type(error).__name__
            _log.warning("feed cannot be read now", extra={"feed": owned.feed.name, "why": why})
            return
        if records or page.cursor != owned.cursor:
            self._write(owned, records, page, now)
        owned.failures = 0
        owned.due = self._clock() + owned.feed.pause

    def _write(self, owned: _Owned, records: Sequence[tuple[object, ...]], page: Page, now: int) -> None:
        producer, outputs = owned.producer, Outputs(self._settings.topic_prefix)
        try:
            producer.begin_transaction()
            for topic, key, value, _ in records:
                producer.produce(self._settings.topic(str(topic)), value, key, on_delivery=outputs.delivered)
            cursor = {"feed": owned.feed.name, "cursor": page.cursor, "at": now}
            producer.produce(
                self._settings.topic(TOPIC),
                self._codec.encode("FeedCursor", cursor),
                owned.feed.name.encode(),
                partition=owned.partition,
            )
            producer.flush(ASK_SECONDS)
            entry = ledger_entry(self._settings, GROUP, f"feed:{owned.feed.name}", outputs)
            if entry is not None:
                producer.produce(self._settings.topic("ledger"), self._codec.encode("LedgerEntry", entry))
            producer.commit_transaction(ASK_SECONDS)
        except KafkaException as error:
            self._give_up(owned, error)
            return
        owned.cursor = page.cursor

    def _give_up(self, owned: _Owned, error: KafkaException) -> None:
        """Nothing was written; the cursor stays. A fenced producer means that another instance owns the feed now."""
        reason: KafkaError = error.args[0]
        _log.warning("posts of a feed were not written", extra={"feed": owned.feed.name, "error": reason.name()})
        owned.due = self._clock() + owned.feed.pause
        if reason.txn_requires_abort():
            owned.producer.abort_transaction(ASK_SECONDS)
        elif reason.fatal():
            self._assigned = sorted({one.partition for one in self._owned})
            self._let_go()
