"""ingest_sms as a process, against a real Kafka."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import TopicPartition

from deploy.local.kafka import LocalKafka
from services.runtime import kafka as clients
from services.runtime import topics
from services.runtime.codec import Codec
from services.runtime.settings import KafkaSettings

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
CODEC = Codec()
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], what: str) -> Any:
    """The first true value of a condition; fails after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE:.0f} s for {what}")


def read(settings: KafkaSettings, topic: str, record: str) -> list[dict[str, Any]]:
    """All committed records of a topic."""
    reader = clients.reader(settings)
    try:
        name = settings.topic(topic)
        partitions = reader.list_topics(name, 10).topics[name].partitions
        reader.assign([TopicPartition(name, number, 0) for number in partitions])
        left, found = set(partitions), []
        while left:
            message = reader.poll(10)
            assert message is not None
            if message.error() is not None:
                left.discard(message.partition())
            else:
                found.append(CODEC.decode(record, message.value()))
        return found
    finally:
        reader.close()


@dataclass
class Service:
    """A running process."""

    settings: KafkaSettings
    env: dict[str, str]
    url: str
    process: "subprocess.Popen[bytes]"

    def start(self) -> None:
        self.process = start(self.env)
        until(self.ready, "ingest_sms to be ready")

    def ready(self) -> bool:
        assert self.process.poll() is None, "ingest_sms ended"
        try:
            return httpx.get(f"{self.url}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def bronze(self) -> list[dict[str, Any]]:
        return read(self.settings, "bronze.realtime", "BronzeEvent")

    def post(self, path: str, **options: Any) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", timeout=30, **options)


def start(env: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "services.ingest_sms"], cwd=ROOT, env=env)


@pytest.fixture
def env(kafka: LocalKafka, kafka_settings: KafkaSettings, tmp_path: Path) -> dict[str, str]:
    """The environment of a process on the session's broker."""
    topics.ensure(kafka_settings)
    (tmp_path / "id.key").write_text(base64.b64encode(b"0123456789abcdef").decode())
    return os.environ | {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap,
        "TOPIC_PREFIX": kafka_settings.topic_prefix,
        "ID_KEY_FILE": str(tmp_path / "id.key"),
        "INGEST_SMS_HOST": "127.0.0.1",
        "INGEST_SMS_PORT": str(free_port()),
        "SMS_PARTS_TIMEOUT_SECONDS": "600",
        "SESSION_TIMEOUT_MS": "6000",
        "TRANSACTION_TIMEOUT_MS": "2000",
    }


@pytest.fixture
def service(env: dict[str, str], kafka_settings: KafkaSettings) -> Iterator[Service]:
    running = Service(kafka_settings, env, f"http://127.0.0.1:{env['INGEST_SMS_PORT']}", start(env))
    try:
        until(running.ready, "ingest_sms to be ready")
        yield running
    finally:
        running.process.terminate()
        try:
            running.process.wait(30)
        finally:
            running.process.kill()


def sms(number: int, **changes: Any) -> dict[str, Any]:
    return {"message_id": str(number), "sender": f"080312345{number % 100:02}", "text": f"complaint {number}"} | changes


def produce(settings: KafkaSettings, topic: str, *records: tuple[bytes | None, bytes | None]) -> None:
    producer = clients.producer(settings)
    for key, value in records:
        producer.produce(settings.topic(topic), value, key)
    assert producer.flush(30) == 0


def test_every_way_in_ends_in_bronze_or_dead_letters(service: Service) -> None:
    assert service.post("/v1/sms/generic", json=[sms(1), sms(2)]).status_code == 200
    form = {"id": "3", "from": "+2348031234503", "to": "2020", "text": "complaint 3"}
    assert service.post("/v1/sms/africastalking", data=form).status_code == 200
    assert service.bronze() != []  # acknowledged means that it is there already
    assert (
        service.post("/v1/status", json={"source": "sms:generic", "source_id": "1", "status": "closed"}).status_code
        == 200
    )
    now = int(time.time() * 1000)
    avro = CODEC.encode(
        "SmsMessage", sms(4) | {"recipient": None, "sent_at": now, "gateway": "direct", "attributes": {}}
    )
    produce(
        service.settings,
        "ingest.sms",
        (b"k", avro),
        (b"k", json.dumps(sms(5, sent_at="2026-03-02T06:04:45Z")).encode()),
        (b"k", b"junk"),
        (b"k", None),
    )
    until(lambda: len(service.bronze()) == 6, "six bronze events")
    events = service.bronze()
    assert sorted(e["text"] for e in events if e["text"]) == [f"complaint {n}" for n in range(1, 6)]
    [status] = [e for e in events if e["text"] is None]
    [first] = [e for e in events if e["text"] == "complaint 1"]
    assert (status["complaint_id"], status["fields"]) == (first["complaint_id"], {"status": "closed"})
    letters = until(lambda: read(service.settings, "dead-letters", "DeadLetter"), "dead letters")
    assert sorted(letter["reason"] for letter in letters) == ["malformed", "null_record"]


def part(number: int, reference: str = "7") -> dict[str, str]:
    return {"msisdn": "2348031234567", "to": "2020", "messageId": f"{reference}-{number}", "text": f"{number} ",
            "concat": "true", "concat-ref": reference, "concat-total": "3", "concat-part": str(number)}  # fmt: skip


def test_parts_are_joined_over_a_kill_and_incomplete_ones_released(service: Service) -> None:
    assert service.post("/v1/sms/vonage", json=part(3)).status_code == 200
    until(lambda: read(service.settings, "ingest.sms.parts", "SmsMessage"), "the part to wait")
    service.process.send_signal(signal.SIGKILL)
    service.process.wait(10)
    service.start()
    for number in (1, 2):
        assert service.post("/v1/sms/vonage", json=part(number)).status_code == 200
    [whole] = until(service.bronze, "the joined message")
    assert whole["text"] == "1 2 3 "
    service.process.send_signal(signal.SIGKILL)
    service.process.wait(10)
    service.env["SMS_PARTS_TIMEOUT_SECONDS"] = "1"
    service.start()
    assert service.post("/v1/sms/vonage", json=part(1, "8")).status_code == 200
    events = until(lambda: (found := service.bronze())[1:] and found, "the incomplete message")
    assert [e["fields"].get("parts_missing") for e in events if e["text"] != "1 2 3 "] == ["2"]


def test_sigterm_ends_it_cleanly_and_the_ledger_names_what_was_accepted(service: Service) -> None:
    for number in range(20):
        assert service.post("/v1/sms/generic", json=sms(number)).status_code == 200
    service.process.terminate()
    assert service.process.wait(30) == 0
    entries = read(service.settings, "ledger", "LedgerEntry")
    assert sum(e["written"] for e in entries if e["topic"] == "http:ingest-sms") == 20
    assert len(service.bronze()) == 20


def test_a_missing_key_or_a_taken_port_is_one_line(env: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for change, name in (({"ID_KEY_FILE": str(tmp_path / "none")}, "ID_KEY_FILE"), ({}, "INGEST_SMS_PORT")):
            done = subprocess.run(
                [sys.executable, "-m", "services.ingest_sms"],
                cwd=ROOT, env=env | {"INGEST_SMS_PORT": port} | change, capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            assert done.returncode == 2
            lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
            assert len(lines) == 1
            assert name in lines[0]
