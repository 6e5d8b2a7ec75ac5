"""Streams against a server that drips lines, falls silent and breaks off."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from services.ingest_social.feed import Feed, Page, TryLater
from services.ingest_social.post import Parsed, post
from services.ingest_social.stream import Lines, MastodonLines, StreamFeed, XLines
from services.ingest_social.watch import Watch
from services.ingest_social.x_rules import set_rule
from tests.unit.ingest_social.documents_of import NOW
from tests.unit.ingest_social.replay import Answer, replay


class Tap:
    """A server whose lines a test lets out one by one."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0
        self.status = 200
        self._written = threading.Condition()
        self._lines: list[bytes] = []
        self.ended = threading.Event()

    def write(self, *lines: str) -> None:
        with self._written:
            self._lines += [line.encode() + b"\r\n" for line in lines]
            self._written.notify_all()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        self.connections += 1
        handler.send_response(self.status)
        handler.end_headers()
        handler.wfile.flush()
        while not self.ended.is_set():
            with self._written:
                self._written.wait(0.05)
                lines, self._lines = self._lines, []
            for line in lines:
                handler.wfile.write(line)
            handler.wfile.flush()


@contextmanager
def tap() -> Iterator[Tap]:
    script = Tap()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.serve(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        script.ended.set()
        server.shutdown()
        server.server_close()


class Backfill:
    """Stands for the polled feed: gives one post more each time."""

    name = "search"
    pause = 60.0

    def __init__(self) -> None:
        self.cursors: list[str] = []

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        self.cursors.append(cursor)
        number = str(100 + len(self.cursors))
        return Page(Parsed([post(network="x", post_id=number, text=f"found {number}", created_at=now)], [1]), number)


def make(server: Tap, backfill: Feed, silence: float = 5.0, read: Any = None) -> StreamFeed:
    return StreamFeed("s", lambda: Lines("s", server.url, {}, silence), backfill, read or XLines())


def collect(feed: StreamFeed, cursor: str, done: Callable[[list[str]], bool]) -> tuple[list[str], str]:
    texts: list[str] = []
    deadline = time.monotonic() + 20
    with httpx.Client() as client:
        while not done(texts):
            assert time.monotonic() < deadline
            page = feed.poll(client, cursor, NOW)
            texts += [p["text"] or p["action"] for p in page.parsed.posts]
            cursor = page.cursor
            time.sleep(0.01)
    return texts, cursor


def tweet(number: int) -> str:
    return json.dumps({"data": {"id": str(number), "text": f"post {number}"}})


def test_fills_the_gap_and_then_follows_the_stream() -> None:
    backfill = Backfill()
    with tap() as server:
        feed = make(server, backfill)
        server.write("", tweet(200), "", "junk", tweet(201))
        texts, cursor = collect(feed, "100", lambda found: "post 201" in found)
        feed.close()
    assert texts == ["found 101", "post 200", "post 201"]
    assert (backfill.cursors, cursor) == (["100"], "201")


def test_a_line_that_cannot_be_read_is_set_aside() -> None:
    parsed = XLines()(["", "junk", tweet(1)], NOW)
    assert (len(parsed.posts), [r.reason for r in parsed.refused], parsed.refused[0].raw) == (1, ["malformed"], "junk")


def test_after_a_break_it_connects_again_and_fills_the_gap() -> None:
    backfill = Backfill()
    with tap() as server:
        feed = make(server, backfill)
        server.write(tweet(200))
        _, cursor = collect(feed, "100", lambda found: "post 200" in found)
        server.ended.set()
        with pytest.raises(TryLater, match="ended the stream"):
            collect(feed, cursor, lambda _: False)
        server.ended.clear()
        texts, _ = collect(feed, cursor, bool)
        feed.close()
    assert texts == ["found 102"]
    assert (backfill.cursors, server.connections) == (["100", "200"], 2)


def test_silence_means_that_the_connection_is_dead() -> None:
    with tap() as server:
        feed = make(server, Backfill(), silence=0.3)
        with pytest.raises(TryLater, match="ReadTimeout"):
            collect(feed, "", lambda _: False)


@pytest.mark.parametrize(("status", "seconds"), [(429, 60.0), (401, 300.0), (503, None)])
def test_a_stream_that_is_refused_is_tried_later(status: int, seconds: float | None) -> None:
    with tap() as server:
        server.status = status
        server.ended.set()
        feed = make(server, Backfill())
        with pytest.raises(TryLater) as later:
            collect(feed, "", lambda _: False)
    assert later.value.seconds == seconds


def test_reads_events_of_mastodon_over_polls() -> None:
    status = {"id": "300", "content": "<p>no network #beejan</p>", "created_at": "2026-03-02T06:04:45Z"}
    other = status | {"id": "301", "content": "<p>cats</p>"}
    with tap() as server:
        feed = make(server, Backfill(), read=MastodonLines(Watch.of(["#beejan"])))
        server.write(":)", "", "event: update", f"data: {json.dumps(status)}", "", "event: update")
        texts, cursor = collect(feed, "", lambda found: len(found) == 2)
        server.write(f"data: {json.dumps(other)}", "", "event: delete", "data: 300", "")
        more, _ = collect(feed, cursor, bool)
        feed.close()
    assert (texts, cursor) == (["found 101", "no network #beejan"], "300")
    assert more == ["deleted"]


def test_who_does_not_keep_up_holds_the_network_back() -> None:
    with tap() as server:
        lines = Lines("s", server.url, {}, 5.0)
        server.write(*(str(n) for n in range(30_000)))
        taken: list[str] = []
        deadline = time.monotonic() + 20
        while len(taken) < 30_000 and time.monotonic() < deadline:
            taken += lines.take(1_000)
        lines.close()
    assert taken == [str(n) for n in range(30_000)]


def test_the_rule_of_the_stream_is_set_once() -> None:
    class Poster(BaseHTTPRequestHandler):
        bodies: list[Any] = []  # noqa: RUF012
        rules: list[Any] = [{"id": "1", "value": "old", "tag": "x"}, {"id": "2", "value": "q", "tag": "theirs"}]  # noqa: RUF012

        def _answer(self, document: Any) -> None:
            raw = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            self._answer({"data": self.rules})

        def do_POST(self) -> None:
            self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer({"meta": {}})

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Poster)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    set_rule("x", url, "tok", "@beejan")
    assert Poster.bodies == [{"add": [{"value": "@beejan", "tag": "x"}]}, {"delete": {"ids": ["1"]}}]
    Poster.rules[:] = [{"id": "3", "value": "@beejan", "tag": "x"}]
    set_rule("x", url, "tok", "@beejan")
    assert len(Poster.bodies) == 2
    server.shutdown()
    server.server_close()
    with replay(Answer(status=403)) as refusing, pytest.raises(TryLater, match="403"):
        set_rule("x", refusing.url, "tok", "@beejan")
