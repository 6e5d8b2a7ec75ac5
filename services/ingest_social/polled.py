"""Feeds that are polled: timelines of Mastodon, listings of Reddit, RSS and Atom."""

from collections.abc import Callable
from typing import Any, Final

import httpx

from services.ingest_social import fetch
from services.ingest_social.documents import json_of
from services.ingest_social.feed import Page, TryLater
from services.ingest_social.networks import mastodon, reddit, rss
from services.ingest_social.post import Parsed, Refused
from services.ingest_social.seen import Seen
from services.ingest_social.watch import Watch

MOST_PAGES: Final = 20
PAGE_SIZE: Final = 40
Fingerprint = Callable[[str], str]


def wanted(parsed: Parsed, watch: Watch) -> Parsed:
    """The posts that are watched for; others are no business of ours and are not counted."""
    kept = [(post, raw) for post, raw in zip(parsed.posts, parsed.raw, strict=True) if watch.wants(post)]
    return Parsed([post for post, _ in kept], [raw for _, raw in kept], parsed.ignored, parsed.refused)


def _document(answer: httpx.Response, name: str) -> Any:
    try:
        return json_of(answer.content)
    except Refused as error:
        raise TryLater(f"{name} answered with half a page") from error


class MastodonTimeline:
    """A hashtag's or the public timeline. The cursor is the id of the newest status that was taken."""

    def __init__(self, name: str, base_url: str, hashtag: str, token: str, pause: float, watch: Watch) -> None:
        self.name = name
        self.pause = pause
        path = f"tag/{hashtag}" if hashtag else "public"
        self._url = f"{base_url.rstrip('/')}/api/v1/timelines/{path}"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._watch = watch

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """Everything since the cursor, oldest first: min_id gives the page right after it."""
        found, newest = Parsed(), cursor
        for _ in range(MOST_PAGES):
            query = {"limit": str(PAGE_SIZE)} | ({"min_id": newest} if newest else {})
            answer = fetch.get(client, self.name, self._url, query, self._headers)
            statuses = _document(answer, self.name)
            if not isinstance(statuses, list):
                raise TryLater(f"{self.name} answered with something that is no timeline")
            ids = [str(s["id"]) for s in statuses if isinstance(s, dict) and isinstance(s.get("id"), str | int)]
            page = mastodon.parse(statuses[::-1], now)
            found.extend(wanted(page, self._watch))
            newest = max([newest, *ids], key=lambda text: (len(text), text))
            if not cursor or len(statuses) < PAGE_SIZE or fetch.budget_wait(answer):
                break
        return Page(found, newest)


class RedditListing:
    """The newest posts or comments of a subreddit, or of a search."""

    def __init__(
        self, name: str, base_url: str, path: str, headers: dict[str, str], pause: float, watch: Watch,
        fingerprint: Fingerprint,
    ) -> None:  # fmt: skip
        self.name = name
        self.pause = pause
        self._url = f"{base_url.rstrip('/')}/{path.strip('/')}"
        self._headers = headers
        self._watch = watch
        self._fingerprint = fingerprint

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """What the listing shows that was not there before, oldest first."""
        query = {"limit": "100", "raw_json": "1"}
        answer = fetch.get(client, self.name, self._url, query, self._headers)
        parsed = reddit.parse(_document(answer, self.name), now)
        parsed.posts.reverse()
        parsed.raw.reverse()
        seen = Seen(cursor, self._fingerprint)
        return Page(seen.news(wanted(parsed, self._watch), now), seen.cursor())


class RssFeed:
    """An RSS or Atom feed, by conditional GET."""

    def __init__(self, name: str, url: str, pause: float, watch: Watch, fingerprint: Fingerprint) -> None:
        self.name = name
        self.pause = pause
        self._url = url
        self._watch = watch
        self._fingerprint = fingerprint

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """Entries that are new or changed."""
        seen = Seen(cursor, self._fingerprint)
        headers = {
            name: seen.extra[key]
            for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "modified"))
            if seen.extra.get(key)
        }
        answer = fetch.get(client, self.name, self._url, headers=headers)
        if answer.status_code == 304:
            return Page(Parsed(), cursor)
        try:
            parsed = rss.parse(answer.content, now)
        except Refused as error:
            raise TryLater(f"{self.name} answered with something that is no feed") from error
        seen.extra = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}
        return Page(seen.news(wanted(parsed, self._watch), now), seen.cursor())
