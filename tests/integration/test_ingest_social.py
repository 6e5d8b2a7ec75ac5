"""ingest_social's feeds on a real Kafka: one owner a feed, a durable cursor, nothing skipped and nothing twice."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from confluent_kafka import TopicPartition

from deploy.local.kafka import LocalKafka
from services.domain.identity import IdKey
from services.ingest_social.feed import Page, TryLater
from services.ingest_social.feeds import Feeds
from services.ingest_social.intake import Intake
from services.ingest_social.post import Parsed, post
from services.runtime import kafka as clients
from services.runtime import topics
from services.runtime.codec import Codec
from services.runtime.health import Health
from services.runtime.settings import ServiceSettings

pytestmark = pytest.mark.kafka
CODEC = Codec()
PATIENCE = 60.0


class Counting:
    """A feed of posts 1, 2, 3, ...: three a poll. Its cursor is the last number. Knows who polls it."""

    def __init__(self, name: str, most: int, faults: int = 0) -> None:
        self.name = name
        self.pause = 0.01
        self.most = most
        self.faults = faults
        self.polled_by: set[str] = set()

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        self.polled_by.add(threading.current_thread().name)
        if self.faults:
            self.faults -= 1
            raise TryLater("not now", 0.01)
        last = int(cursor or 0)
        numbers = range(last + 1, min(last + 4, self.most + 1))
        posts = [
            post(network="rss", post_id=f"{self.name}-{n}", text=f"no network {n}", created_at=now) for n in numbers
        ]
        return Page(Parsed(posts, list(numbers)), str(max(last, *numbers)) if posts else cursor)


@pytest.fixture
def settings(kafka: LocalKafka, prefix: str) -> ServiceSettings:
    made = ServiceSettings(
        kafka_bootstrap_servers=kafka.bootstrap, topic_prefix=prefix, topic_partitions=2, session_timeout_ms=6_000
    )
    topics.ensure(made)
    return made


@contextmanager
def running(settings: ServiceSettings, feeds: list[Counting], instance: str = "0") -> Iterator[None]:
    own = settings.model_copy(update={"instance": instance})
    stop = threading.Event()
    intake = Intake(IdKey(b"0123456789abcdef"), CODEC, frozenset())
    thread = threading.Thread(target=Feeds(own, feeds, intake, CODEC, Health()).run, args=(stop,), name=instance)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def written(settings: ServiceSettings) -> list[str]:
    """Texts of all committed bronze events."""
    reader, found = clients.reader(settings), []
    try:
        name = settings.topic("bronze.realtime")
        left = {0, 1}
        reader.assign([TopicPartition(name, number, 0) for number in left])
        while left:
            message = reader.poll(10)
            assert message is not None
            if message.error() is not None:
                left.discard(message.partition())
            else:
                event: dict[str, Any] = CODEC.decode("BronzeEvent", message.value())
                found.append(event["text"])
        return found
    finally:
        reader.close()


def wait_for(settings: ServiceSettings, number: int) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = written(settings)
        if len(found) >= number:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE:.0f} s for {number} posts")


def test_the_cursor_survives_a_restart_so_that_nothing_is_skipped_or_repeated(settings: ServiceSettings) -> None:
    with running(settings, [Counting("a", 7, faults=2)]):
        wait_for(settings, 7)
    again = Counting("a", 12)
    with running(settings, [again]):
        found = wait_for(settings, 12)
    assert sorted(found) == sorted(f"no network {n}" for n in range(1, 13))


def test_each_feed_has_one_owner_and_moves_when_the_owner_goes(settings: ServiceSettings) -> None:
    feeds = [Counting(name, 6) for name in ("a", "b", "c", "d")]
    with running(settings, feeds, "one"), running(settings, feeds, "two"):
        wait_for(settings, 24)
    for feed in feeds:
        feed.most = 9
    with running(settings, feeds, "two"):
        found = wait_for(settings, 36)
    assert sorted(found) == sorted(f"no network {n}" for n in range(1, 10) for _ in feeds)
