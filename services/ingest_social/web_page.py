"""Pages read by configured selectors: the fallback where a site has neither API nor feed. Polite by construction."""

import random
import time
from collections.abc import Callable

import httpx

from services.ingest_social import fetch
from services.ingest_social.feed import Page, TryLater
from services.ingest_social.networks import web
from services.ingest_social.polled import Fingerprint, wanted
from services.ingest_social.post import Parsed, Refused
from services.ingest_social.robots import Robots
from services.ingest_social.seen import Seen
from services.ingest_social.watch import Watch

LEAST_PAUSE = 60.0
"""Seconds between two reads of a page, whatever the configuration says."""


class WebPage:
    """One page. Reads it no oftener than its site's robots.txt allows, under a named agent, with a little jitter."""

    def __init__(
        self,
        name: str,
        url: str,
        selectors: web.Selectors,
        agent: str,
        pause: float,
        watch: Watch,
        fingerprint: Fingerprint,
        robots: Robots,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.pause = max(pause, LEAST_PAUSE)
        self._url = url
        self._selectors = selectors
        self._agent = agent
        self._watch = watch
        self._fingerprint = fingerprint
        self._robots = robots
        self._sleep = sleep

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """Posts that are new or changed. TryLater when the site does not answer, asks for patience or forbids it."""
        delay = self._robots.check(client, self.name, self._url)
        self.pause = max(self.pause, delay)
        self._sleep(random.uniform(0.0, 1.0))  # noqa: S311 - jitter: not all pages of a site at the same moment
        seen = Seen(cursor, self._fingerprint)
        headers = {"User-Agent": self._agent, "Accept": "text/html,application/xhtml+xml"}
        headers |= {"If-None-Match": seen.extra["etag"]} if seen.extra.get("etag") else {}
        answer = fetch.get(client, self.name, self._url, headers=headers)
        if answer.status_code == 304:
            return Page(Parsed(), cursor)
        if "html" not in answer.headers.get("content-type", "html"):
            raise TryLater(f"{self.name} answered with something that is no page", 3_600.0)
        document = {"url": self._url, "html": answer.content.decode(answer.encoding or "utf-8", "replace")}
        try:
            parsed = web.parse(document, now, self._selectors)
        except Refused as error:
            raise TryLater(f"{self.name} cannot be read: {error}", 3_600.0) from error
        seen.extra = {"etag": answer.headers.get("etag", "")}
        for post in parsed.posts:
            post["attributes"]["fetched_at"] = str(now)
        return Page(seen.news(wanted(parsed, self._watch), now), seen.cursor())
