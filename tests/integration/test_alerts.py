"""Alerts over a real Kafka to a real HTTP server that is away at first."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.local.kafka import LocalKafka
from services.classifier.alerts.service import AlertService
from services.classifier.alerts.settings import AlertSettings
from services.runtime import kafka as clients
from services.runtime import topics
from services.runtime.codec import Codec
from tests.unit.classifier.alerts.records import complaint, incident

pytestmark = pytest.mark.kafka
CODEC = Codec()
PATIENCE_SECONDS = 60.0


class Receiver:
    """An HTTP server that answers as told and keeps what it took."""

    def __init__(self) -> None:
        self.status = 200
        self.refused = 0
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status < 300:
                    outer.taken += json.loads(content)["alerts"]
                    outer.headers.append(dict(self.headers.items()))
                else:
                    outer.refused += 1
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def settings(kafka: LocalKafka, prefix: str, receiver: Receiver, tmp_path: Path) -> AlertSettings:
    (tmp_path / "secret").write_text("sesame")
    found = AlertSettings(
        kafka_bootstrap_servers=kafka.bootstrap,
        topic_prefix=prefix,
        topic_partitions=2,
        static_membership=False,
        alert_url=receiver.url,
        alert_secret_file=tmp_path / "secret",
        alert_requests_per_minute=6_000,
    )
    topics.ensure(found, ["incidents", "gold.realtime", "dead-letters"])
    return found


class Running:
    """The service in a thread."""

    def __init__(self, settings: AlertSettings) -> None:
        self._stop = threading.Event()
        service = AlertService(settings, self._stop)
        self._thread = threading.Thread(target=service.run)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


def _produce(settings: AlertSettings, topic: str, record: str, *values: dict[str, Any]) -> None:
    producer = clients.producer(settings)
    for value in values:
        producer.produce(settings.topic(topic), CODEC.encode(record, value), b"key")
    assert producer.flush(30) == 0


def _wait(condition: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        time.sleep(0.05)


def test_incidents_and_p1_complaints_are_told_once_the_receiver_is_back_and_not_again_after_a_restart(
    settings: AlertSettings, receiver: Receiver
) -> None:
    now = time.time_ns() // 1_000_000
    fresh = {"started_at": now - 600_000, "detected_at": now, "updated_at": now}
    receiver.status = 503
    _produce(settings, "incidents", "Incident", incident(**fresh))
    _produce(
        settings,
        "gold.realtime",
        "GoldEvent",
        complaint(occurred_at=now),
        complaint(occurred_at=now, complaint_id="replayed", generation=2),
        complaint(occurred_at=now, complaint_id="lesser", priority="P2"),
    )
    service = Running(settings)
    try:
        _wait(lambda: receiver.refused >= 2, "the receiver is asked again and again")
        receiver.status = 200
        _wait(lambda: {a["id"] for a in receiver.taken} == {"inc-1", "complaint-1"}, "both are told")
    finally:
        service.stop()
    assert len(receiver.taken) == 2
    assert all("X-Signature" in headers and "Idempotency-Key" in headers for headers in receiver.headers)
    receiver.taken.clear()
    _produce(settings, "incidents", "Incident", incident(**fresh, status="closed", ended_at=now, revision_no=1))
    service = Running(settings)
    try:
        _wait(lambda: receiver.taken, "the end is told")
    finally:
        service.stop()
    assert [(a["id"], a["status"]) for a in receiver.taken] == [("inc-1", "resolved")]
