"""Splits what a network sends, or a file of it, into documents: JSON, JSON lines, server-sent events, XML, HTML."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from services.ingest_social.post import Refused

_ENDS: Final = (b"</rss>", b"</feed>", b"</rdf:RDF>", b"</html>")


def json_of(body: bytes) -> Any:
    """The JSON document of a body; Refused when it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass  # the lenient reader below tells why, or accepts a lone surrogate, which is checked field by field
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Refused("bad_text", "the body is no UTF-8") from None
    except (ValueError, RecursionError):
        raise Refused("malformed", "the body is no JSON") from None


def _no_constant(_: str) -> None:
    raise ValueError


class ServerSentEvents:
    """Puts the lines of an event stream together (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def feed(self, line: str) -> tuple[str, str] | None:
        """The event (name, data) that this line ends, or None. Lines come without their ends."""
        if not line:
            done = (self._name or "message", "\n".join(self._data)) if self._data else None
            self._name, self._data = "", []
            return done
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None


def documents(network: str, lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """(number of its last line, document) of a file: one a line; feeds, pages and events may span several.

    A server-sent event becomes the JSON of {"event", "data"}.
    """
    if network in ("rss", "web"):
        yield from _marked_up(lines)
        return
    events = ServerSentEvents()
    number = 0
    in_event = False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if network == "mastodon" and text.startswith((b"event:", b"data:", b"id:", b"retry:", b":")):
            in_event = True
        if not in_event:
            if text:
                yield number, text
            continue
        done = events.feed(text.decode("utf-8", "surrogateescape"))
        if done is not None or not text:
            in_event = False
        if done is not None:
            yield number, _event(*done)
    done = events.feed("")
    if done is not None:
        yield number, _event(*done)


def _event(name: str, data: str) -> bytes:
    return json.dumps({"event": name, "data": data}).encode()


def _marked_up(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    collected: list[bytes] = []
    number = 0
    for number, line in enumerate(lines, 1):
        if not collected and line.lstrip()[:1] in (b"{", b'"'):
            yield number, line.strip()
            continue
        if collected or line.strip():
            collected.append(line)
        if any(end.lower() in line.lower() for end in _ENDS):
            yield number, b"".join(collected)
            collected = []
    if any(line.strip() for line in collected):
        yield number, b"".join(collected)


def document_of(network: str, raw: bytes) -> Any:
    """The document as the network's parser takes it: JSON, or for feeds and pages their text, in JSON or bare."""
    if network not in ("rss", "web"):
        return json_of(raw)
    if raw.lstrip()[:1] in (b"{", b'"'):
        found = json_of(raw)
        if network == "rss" and isinstance(found, dict):
            return found.get("body") or found.get("xml") or ""
        return found
    return raw if network == "rss" else raw.decode("utf-8", "replace")
