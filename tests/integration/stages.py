"""Runs one instance of a stage on the real broker, and reads what came out."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Message, TopicPartition

from services.runtime import kafka, topics
from services.runtime.codec import Codec
from services.runtime.health import Health
from services.runtime.settings import ServiceSettings
from services.runtime.stage import Handler, Stage, StageSpec

CODEC = Codec()
PATIENCE = 60.0


@dataclass(frozen=True)
class Case:
    """A stage under test: how to build it and what to feed it."""

    name: str
    spec: StageSpec
    build: Callable[[], Handler]
    inputs: Callable[[int, str, int], list[tuple[bytes, bytes]]]
    """(number, lane, seed) -> keys and values of valid inputs, each of which gives one main output."""
    outputs: Mapping[str, str]
    """Lane -> output topic."""
    record: str
    """Name of the output record."""


@dataclass
class Running:
    """A stage that runs in a thread."""

    stage: Stage
    stop: threading.Event
    thread: threading.Thread
    failures: list[BaseException] = field(default_factory=list)


def settings_for(base: Any, instance: str = "0", **changes: Any) -> ServiceSettings:
    """Service settings for the test's broker and prefix; timeouts short, so that a takeover is soon."""
    return ServiceSettings(
        kafka_bootstrap_servers=base.kafka_bootstrap_servers,
        topic_prefix=base.topic_prefix,
        topic_partitions=base.topic_partitions,
        instance=instance,
        session_timeout_ms=6_000,
        transaction_timeout_ms=5_000,
        **changes,
    )


@contextmanager
def running(settings: ServiceSettings, spec: StageSpec, handler: Handler) -> Iterator[Running]:
    """The stage in a thread; stopped at the end."""
    stage, stop = Stage(settings, spec, handler, Health()), threading.Event()
    failures: list[BaseException] = []

    def body() -> None:
        try:
            stage.run(stop)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    try:
        yield Running(stage, stop, thread, failures)
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive(), "the stage did not stop"


def produce(settings: ServiceSettings, topic: str, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
    """Produce and wait for the broker."""
    producer = kafka.producer(settings)
    for key, value in records:
        producer.produce(settings.topic(topic), value, key)
    assert producer.flush(PATIENCE) == 0


def committed(settings: ServiceSettings, *names: str) -> dict[str, list[Message]]:
    """All committed records of topics, each partition to its present end."""
    reader = kafka.reader(settings)
    found: dict[str, list[Message]] = {name: [] for name in names}
    places = []
    for name in names:
        partitions = reader.list_topics(settings.topic(name), PATIENCE).topics[settings.topic(name)].partitions
        places += [TopicPartition(settings.topic(name), number, OFFSET_BEGINNING) for number in partitions]
    reader.assign(places)
    open_ends = len(places)
    while open_ends:
        message = reader.poll(PATIENCE)
        assert message is not None, "the broker is silent"
        if message.error() is None:
            found[settings.logical(message.topic() or "")].append(message)
        else:
            open_ends -= 1
    reader.close()
    return found


def wait_for(settings: ServiceSettings, topic: str, number: int, run: Running | None = None) -> list[Message]:
    """Wait until a topic holds `number` committed records."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = committed(settings, topic)[topic]
        if len(found) >= number:
            return found
        if run is not None and run.failures:
            raise run.failures[0]
        assert time.monotonic() < deadline, f"{topic} holds {len(found)} of {number} records"


def ledger(settings: ServiceSettings, service: str) -> list[dict[str, Any]]:
    """Ledger entries of a service, in order a partition."""
    entries = [CODEC.decode("LedgerEntry", m.value()) for m in committed(settings, "ledger")["ledger"]]
    mine = [entry for entry in entries if entry["service"] == service]
    return sorted(mine, key=lambda e: (e["topic"], e["partition"], e["from_position"]))


def assert_ledger_proves(settings: ServiceSettings, spec: StageSpec, accepted: int) -> None:
    """Ranges without gap or overlap, each balanced, all together what was accepted."""
    reached: dict[tuple[str, int], int] = {}
    read = 0
    for entry in ledger(settings, spec.service):
        place = (entry["topic"], entry["partition"])
        assert entry["from_position"] == reached.get(place, entry["from_position"]), "gap or overlap in the ledger"
        assert entry["to_position"] > entry["from_position"]
        reached[place] = entry["to_position"]
        out = entry["written"] + entry["joined"] + entry["ignored"] + entry["redelivered"] + entry["dead"]
        assert entry["read"] + entry["split"] == out
        landed = sum(output["records"] for output in entry["outputs"])
        assert landed >= entry["written"] + entry["dead"]
        read += entry["read"]
    assert read == accepted


def prepare(settings: ServiceSettings) -> None:
    """Create all topics of the pipeline under the test's prefix."""
    topics.ensure(settings)
