"""robots.txt (RFC 9309): what a site lets us read, and how often. Where the file fails, the site is not read."""

import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import httpx
from protego import Protego

from services.ingest_social.feed import TryLater

CACHE_SECONDS: Final = 86_400.0
MAX_BYTES: Final = 512_000
"""RFC 9309, 2.5: at least 500 kibibytes must be read."""


class Robots:
    """The rules of sites, for one user agent."""

    def __init__(self, agent: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._agent = agent
        self._clock = clock
        self._rules: dict[str, tuple[float, Protego | None]] = {}

    def check(self, client: httpx.Client, name: str, url: str) -> float:
        """Seconds that the site wants between two requests. TryLater when it does not let us read the address."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        at, rules = self._rules.get(site, (0.0, None))
        if site not in self._rules or self._clock() - at > CACHE_SECONDS:
            rules = self._read(client, name, site)
            self._rules[site] = (self._clock(), rules)
        if rules is None:
            return 0.0
        if not rules.can_fetch(url, self._agent):
            raise TryLater(f"{name} may not be read: its robots.txt forbids it", CACHE_SECONDS)
        return float(rules.crawl_delay(self._agent) or 0.0)

    def _read(self, client: httpx.Client, name: str, site: str) -> Protego | None:
        """None where the site has no rules (4xx). TryLater where they cannot be had (5xx, no answer): that means no."""
        try:
            answer = client.get(f"{site}/robots.txt", headers={"User-Agent": self._agent}, follow_redirects=True)
        except httpx.HTTPError as error:
            raise TryLater(f"{name} does not answer for its robots.txt ({type(error).__name__})") from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise TryLater(f"{name} answers {answer.status_code} for its robots.txt: that means no", 3_600.0)
        if answer.status_code >= 400:
            return None
        return Protego.parse(answer.content[:MAX_BYTES].decode("utf-8", "replace"))
