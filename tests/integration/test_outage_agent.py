"""The outage detector as a Faust worker on a real Kafka: found, not lost, not doubled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from deploy.local.kafka import LocalKafka
from services.classifier.outages import log
from services.classifier.outages.rules import BUCKET_MS
from services.runtime import kafka as clients
from services.runtime import topics
from services.runtime.codec import Codec
from services.runtime.settings import ServiceSettings

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
CODEC = Codec()
PATIENCE_SECONDS = 60.0


@pytest.fixture
def settings(kafka: LocalKafka, prefix: str) -> ServiceSettings:
    found = ServiceSettings(
        kafka_bootstrap_servers=kafka.bootstrap, topic_prefix=prefix, topic_partitions=1, session_timeout_ms=6_000
    )
    topics.ensure(found, ["observations", "incidents", "dead-letters"])
    return found


@contextmanager
def _worker(settings: ServiceSettings, data: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "TOPIC_PREFIX": settings.topic_prefix,
        "SESSION_TIMEOUT_MS": str(settings.session_timeout_ms),
        "DATA_DIR": str(data),
    }
    command = [sys.executable, "-m", "faust", "-A", "tests.integration.outage_app", "worker", "--without-web"]
    with (data / "worker.log").open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _burst(settings: ServiceSettings, count: int, lga: str, at: int, first: int = 0) -> None:
    producer = clients.producer(settings)
    for number in range(first, first + count):
        observation = {
            "event_id": f"event-{number}",
            "complaint_id": f"complaint-{number}",
            "customer_key": f"k1_{number}",
            "cluster": "network",
            "lgas": [lga],
            "state": lga.partition("/")[0],
            "operator": "Beejan",
            "occurred_at": at - 1_000 * (number - first),
        }
        producer.produce(settings.topic("observations"), CODEC.encode("Observation", observation), b"key")
    assert producer.flush(30) == 0


def _incidents(settings: ServiceSettings) -> list[dict[str, Any]]:
    """Every revision on the topic, in order."""
    return [CODEC.decode("Incident", m.value()) for m in log._read(settings, log.INCIDENTS, OFFSET_BEGINNING, None)]


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


def _wait(settings: ServiceSettings, good: Any, what: str, patience: float = PATIENCE_SECONDS) -> list[dict[str, Any]]:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = _incidents(settings)
        if good(found):
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {patience:.0f} s: {what}")


def _committed(settings: ServiceSettings, offset: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (log.committed_position(settings) or 0) >= offset:
            return
        time.sleep(0.2)
    raise AssertionError(f"the position {offset} was not committed")


@pytest.mark.timeout(600)
def test_a_burst_is_found_and_a_killed_worker_neither_loses_nor_doubles_it(
    settings: ServiceSettings, tmp_path: Path
) -> None:
    # in the bucket before the present one: a growing count is published when a bucket ends, and the last complaint
    # below ends it, wherever the clock stands within its five minutes
    now = _milliseconds() // BUCKET_MS * BUCKET_MS - 1_000
    with _worker(settings, tmp_path) as first:
        _burst(settings, 25, "Lagos/Ikorodu", now)
        found = _wait(settings, lambda i: len(i) >= 1, "the incident opens")
        assert [found[0][k] for k in ("status", "level", "lgas")] == ["opened", "lga", ["Lagos/Ikorodu"]]
        first.kill()  # before or after its position was committed: both must be right
        first.wait(10)
    _burst(settings, 25, "Kano/Dala", now, first=100)
    with _worker(settings, tmp_path):
        found = _wait(settings, lambda i: any(x["state"] == "Kano" for x in i), "the second incident opens")
        _committed(settings, 50)
        _burst(settings, 9, "Lagos/Ikorodu", now, first=200)
        _burst(settings, 1, "Lagos/Ikorodu", _milliseconds(), first=300)
        found = _wait(
            settings,
            lambda i: any(x["state"] == "Lagos" and x["customers"] == 35 for x in i),
            "the first incident grows, its first customers not forgotten",
            # a worker that was idle for ten seconds has ended the bucket by the clock already: then the next one does
            patience=PATIENCE_SECONDS + BUCKET_MS / 1000,
        )
    ids = {x["incident_id"] for x in found}
    assert len(ids) == 2
    assert sum(x["status"] == "opened" for x in found) == 2
    for one in ids:
        revisions = [x["revision_no"] for x in found if x["incident_id"] == one]
        assert revisions == list(range(len(revisions)))


def test_bad_records_go_to_dead_letters_and_stop_nothing(settings: ServiceSettings, tmp_path: Path) -> None:
    producer = clients.producer(settings)
    for value in (b"rubbish", None, b"\x00\x00\x00\x00\x63x"):
        producer.produce(settings.topic("observations"), value, b"key")
    producer.flush(30)
    now = time.time_ns() // 1_000_000
    _burst(settings, 25, "Lagos/Epe", now)
    with _worker(settings, tmp_path):
        _wait(settings, lambda i: len(i) >= 1, "the incident opens behind the bad records")
        reader = clients.reader(settings)
        reader.assign([TopicPartition(settings.topic("dead-letters"), 0, OFFSET_BEGINNING)])
        letters: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(letters) < 3 and time.monotonic() < deadline:
            message = reader.poll(0.2)
            if message is not None and message.error() is None:
                letters.append(CODEC.decode("DeadLetter", message.value()))
        reader.close()
    assert sorted(letter["reason"] for letter in letters) == ["malformed", "null_record", "unknown_schema"]
    assert {(letter["topic"], letter["group"]) for letter in letters} == {("observations", "classifier-faust")}


def test_a_worker_that_was_stopped_and_comes_back_doubles_nothing(settings: ServiceSettings, tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    (tmp_path / "zombie").mkdir()
    (tmp_path / "heir").mkdir()
    with _worker(settings, tmp_path / "zombie") as zombie:
        _burst(settings, 25, "Lagos/Ikorodu", now)
        _wait(settings, lambda i: len(i) >= 1, "the incident opens")
        zombie.send_signal(signal.SIGSTOP)
        with _worker(settings, tmp_path / "heir"):
            _burst(settings, 25, "Kano/Dala", now, first=100)
            _wait(settings, lambda i: any(x["state"] == "Kano" for x in i), "the heir opens the second incident")
            zombie.send_signal(signal.SIGCONT)
            _burst(settings, 25, "Edo/Egor", now, first=200)
            found = _wait(settings, lambda i: any("Edo/Egor" in x["lgas"] for x in i), "the third burst is found")
    opened = [x["incident_id"] for x in found if x["status"] == "opened"]
    assert len(opened) == len(set(opened))
    for one in {x["incident_id"] for x in found}:
        revisions = [x["revision_no"] for x in found if x["incident_id"] == one]
        assert revisions == list(range(len(revisions)))


def test_what_was_learned_comes_back_and_a_quiet_incident_closes_without_any_new_observation(
    settings: ServiceSettings, tmp_path: Path
) -> None:
    now = time.time_ns() // 1_000_000
    past = now - 45 * 60_000
    with _worker(settings, tmp_path):
        _burst(settings, 25, "Lagos/Ikorodu", past)
        _wait(settings, lambda i: len(i) >= 1, "the incident opens")
        _committed(settings, 25)
    with _worker(settings, tmp_path):
        found = _wait(settings, lambda i: i[-1]["status"] == "closed", "the incident closes by the clock alone")
    assert len({x["incident_id"] for x in found}) == 1
