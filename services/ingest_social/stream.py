"""Feeds that stay connected: a thread reads lines, polls take what has come. A gap is filled from the polled feed.

What a stream delivered and no poll has taken yet is lost with the process; so is what was said while nobody was
connected. Both come back: after every connect the polled feed is read from the cursor on, and the cursor moves only
with what was written.
"""

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Final

import httpx

from services.ingest_social.documents import ServerSentEvents, json_of
from services.ingest_social.feed import Feed, Page, TryLater
from services.ingest_social.fetch import wait_of
from services.ingest_social.networks import mastodon, x
from services.ingest_social.polled import wanted
from services.ingest_social.post import Parsed, Refused
from services.ingest_social.watch import Watch

WAITING_LINES: Final = 10_000
POSTS_AT_ONCE: Final = 500
PAUSE: Final = 0.2
"""Seconds between two looks at what has come."""


class Lines:
    """The lines of one connection, read in a thread of its own."""

    def __init__(self, name: str, url: str, headers: Mapping[str, str], silence: float) -> None:
        self._name = name
        self._url = url
        self._headers = dict(headers)
        self._silence = silence
        self._lines: queue.Queue[str] = queue.Queue(WAITING_LINES)
        self._stopped = threading.Event()
        self.failure: TryLater | None = None
        self.was_connected = False
        self.connected = threading.Event()
        self._thread = threading.Thread(target=self._read, name=f"stream-{name}", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        # no line within `silence` seconds, keep-alives included, means that the connection is dead
        timeout = httpx.Timeout(self._silence, connect=10.0)
        try:
            with (
                httpx.Client(timeout=timeout, headers=self._headers) as client,
                client.stream("GET", self._url) as answer,
            ):
                if answer.status_code != 200:
                    text = f"{self._name} answered {answer.status_code}"
                    self.failure = TryLater(text, wait_of(answer), answer.status_code)
                    return
                self.was_connected = True
                self.connected.set()
                for line in answer.iter_lines():
                    if not self._put(line):
                        return
            self.failure = TryLater(f"{self._name} ended the stream")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.failure = TryLater(f"the stream of {self._name} broke off ({type(error).__name__})")
        finally:
            self.connected.set()

    def _put(self, line: str) -> bool:
        """Wait for room: whoever does not keep up holds the network back rather than losing lines."""
        while not self._stopped.is_set():
            try:
                self._lines.put(line, timeout=0.5)
                return True
            except queue.Full:
                continue
        return False

    def take(self, most: int) -> list[str]:
        """What has come, at most so many lines, without waiting."""
        taken: list[str] = []
        while len(taken) < most:
            try:
                taken.append(self._lines.get_nowait())
            except queue.Empty:
                break
        return taken

    @property
    def is_over(self) -> bool:
        """Whether the connection ended and all its lines were taken."""
        return self.failure is not None and self._lines.empty()

    def close(self) -> None:
        """Stop reading. The thread ends with its next line, at the latest after the silence."""
        self._stopped.set()


class StreamFeed:
    """A stream with the polled feed that fills its gaps. `read` makes posts of lines."""

    def __init__(
        self,
        name: str,
        open_lines: Callable[[], Lines],
        backfill: Feed,
        read: Callable[[list[str], int], Parsed],
    ) -> None:
        self.name = name
        self.pause = PAUSE
        self._open = open_lines
        self._backfill = backfill
        self._read = read
        self._lines: Lines | None = None

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """What has come. TryLater when the stream broke off: the next poll connects again and fills the gap."""
        if self._lines is None:
            lines = self._open()
            try:
                lines.connected.wait(15.0)
                if lines.failure is not None and not lines.was_connected:
                    raise lines.failure
                # connected first, then filled up: what comes in between is in both, and its id tells
                page = self._backfill.poll(client, cursor, now)
            except BaseException:
                lines.close()
                raise
            self._lines = lines
            return page
        parsed = self._read(self._lines.take(POSTS_AT_ONCE), now)
        if self._lines.is_over and parsed.is_nothing:
            failure, self._lines = self._lines.failure, None
            raise failure or TryLater(f"{self.name} ended")
        return Page(parsed, _newest(cursor, parsed))

    def close(self) -> None:
        """Leave the stream: the feed is another instance's now."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None


def _newest(cursor: str, parsed: Parsed) -> str:
    if "|" in cursor:
        return cursor  # the gap is not filled yet
    ids: list[str] = [
        post["post_id"] for post in parsed.posts if post["action"] == "created" and post["post_id"].isdigit()
    ]
    return max([cursor, *ids], key=lambda text: (len(text), text))


class XLines:
    """Reads the filtered stream: one JSON document a line, blank lines as keep-alive."""

    def __call__(self, lines: list[str], now: int) -> Parsed:
        parsed = Parsed()
        for line in lines:
            if not line.strip():
                continue
            try:
                parsed.extend(x.parse(json_of(line.encode("utf-8", "surrogatepass")), now))
            except Refused as refused:
                parsed.refuse(refused, line)
        return parsed


class MastodonLines:
    """Reads server-sent events; what is half there waits for the next lines."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._events = ServerSentEvents()

    def __call__(self, lines: list[str], now: int) -> Parsed:
        parsed = Parsed()
        for line in lines:
            event = self._events.feed(line)
            if event is None:
                continue
            name, data = event
            try:
                payload = data if name == "delete" else json_of(data.encode("utf-8", "surrogatepass"))
                mastodon.event(parsed, name, payload, now)
            except Refused as refused:
                parsed.refuse(refused, {"event": name, "data": data})
        return wanted(parsed, self._watch)
