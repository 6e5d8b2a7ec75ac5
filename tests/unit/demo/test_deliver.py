"""Delivering over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from demo.deliver import Wrong, deliver
from demo.deliveries import Call
from services.runtime.settings import KafkaSettings

NO_BROKER = KafkaSettings.model_validate({"kafka_bootstrap_servers": "127.0.0.1:1"})


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers so, one after the other, and keeps the bodies that it got."""
    bodies: list[bytes] = []
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(left.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/sms/generic", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_every_step_is_told_and_every_body_arrives() -> None:
    steps: list[int] = []
    with answering(200, 200) as (url, bodies):
        calls = [Call(f"c:{n}", url, f"body {n}".encode(), {}) for n in range(2)]
        deliver([calls], NO_BROKER, lambda: steps.append(1))
    assert sorted(bodies) == [b"body 0", b"body 1"]
    assert len(steps) == 2


def test_a_busy_service_is_asked_again() -> None:
    with answering(503, 429, 200) as (url, bodies):
        deliver([[Call("c", url, b"body", {})]], NO_BROKER, lambda: None)
    assert bodies == [b"body"] * 3


def test_an_expected_refusal_is_no_fault() -> None:
    with answering(401) as (url, _):
        deliver([[Call("c", url, b"body", {}, answer=401)]], NO_BROKER, lambda: None)


def test_an_unexpected_answer_names_the_message_and_not_its_content() -> None:
    with (
        answering(400) as (url, _),
        pytest.raises(Wrong, match=r"sms/generic:7: the answer was 400, not 200") as caught,
    ):
        deliver([[Call("sms/generic:7", url, b"secret text", {})]], NO_BROKER, lambda: None)
    assert "secret" not in str(caught.value)


def test_a_service_that_is_gone_is_given_up_once_and_others_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.deliver.PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr("demo.deliver.PAUSE_SECONDS", 0.05)
    with answering() as (gone, _):
        pass
    with answering(*[200] * 20) as (url, bodies):
        calls = [Call(f"{n}:{to}", to, b"body", {}) for n in range(20) for to in (gone, url)]
        with pytest.raises(Wrong, match=r"no answer \(ConnectError\) \(and 19 others"):
            deliver([calls], NO_BROKER, lambda: None)
    assert len(bodies) == 20
