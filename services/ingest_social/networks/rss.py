"""RSS and Atom, any version: read by feedparser, texts reduced from HTML.

An entry is named by its guid or id, else by its link, else by a digest of what it says. An entry that says itself that
it was updated after it was published is an edit.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit

import feedparser

from services.ingest_social.markup import plain_text
from services.ingest_social.post import Parsed, Refused, moment, name_of, post


def parse(document: Any, now: int) -> Parsed:
    """Posts of a feed: its text, or its bytes."""
    if not isinstance(document, str | bytes):
        raise Refused("malformed", "the document is not text")
    raw = document.encode("utf-8", "replace") if isinstance(document, str) else document
    if not raw.strip():
        raise Refused("malformed", "the document is empty")
    # bytes alone: feedparser would take a string for a file name or an address
    found = feedparser.parse(raw, resolve_relative_uris=False, sanitize_html=False)
    if not found.version and not found.entries:
        raise Refused("malformed", "the document is no feed")
    parsed = Parsed()
    host = urlsplit(name_of(found.feed.get("link")) or "").netloc
    for entry in found.entries:
        try:
            parsed.posts.append(_post(entry, host, now))
            parsed.raw.append(dict(entry))
        except Refused as refused:
            parsed.refuse(refused, dict(entry))
    if parsed.is_nothing:
        parsed.ignore("empty")
    return parsed


def _post(entry: Any, host: str, now: int) -> dict[str, Any]:
    title, body = plain_text(name_of(entry.get("title")) or ""), _body(entry)
    text = "\n\n".join(dict.fromkeys(part for part in (title, body) if part))
    link = name_of(entry.get("link"))
    published = _time(entry.get("published_parsed"))
    # its own get() would give the time of publication instead, with a warning
    updated = _time(entry["updated_parsed"] if "updated_parsed" in entry else None)  # noqa: SIM401
    is_edit = published is not None and updated is not None and updated > published
    at = updated if is_edit else published if published is not None else updated
    author = name_of(entry.get("author"))
    attributes = {"imputed": "occurred_at"} if at is None else {}
    if is_edit:
        attributes["posted_at"] = str(published)
    identity = name_of(entry.get("id")) or link
    if identity is None:
        what = "\x1f".join((host, title, body, str(at or "")))
        identity = f"sha256:{hashlib.sha256(what.encode('utf-8', 'replace')).hexdigest()[:32]}"
    return post(
        network="rss",
        post_id=identity,
        action="updated" if is_edit else "created",
        # the same name on another site is somebody else
        author_id=f"{urlsplit(link or '').netloc or host}/{author}" if author else None,
        author_handle=author,
        text=text,
        created_at=now if at is None else at,
        language=name_of(entry.get("language")),
        url=link,
        attributes=attributes,
    )


def _body(entry: Any) -> str:
    contents = [name_of(content.get("value")) for content in entry.get("content") or () if isinstance(content, dict)]
    markup = next((content for content in contents if content), None) or name_of(entry.get("summary")) or ""
    return plain_text(markup)


def _time(parts: Any) -> int | None:
    if parts is None:
        return None
    year, month, day, hour, minute, second = parts[:6]
    return moment(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{min(second, 59):02}Z", "the time of the entry")
