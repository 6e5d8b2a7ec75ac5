"""The feed of X's recent search: GET /2/tweets/search/recent, page by page, from the newest known post on."""

import time
from typing import Any, Final

import httpx

from services.ingest_social.feed import Page, TryLater
from services.ingest_social.networks import x
from services.ingest_social.post import Parsed, Refused

PATH: Final = "/2/tweets/search/recent"
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 50
FIELDS: Final = {
    "tweet.fields": "id,text,created_at,author_id,lang,referenced_tweets,edit_history_tweet_ids,geo",
    "expansions": "author_id,geo.place_id",
    "user.fields": "username,public_metrics",
    "place.fields": "full_name",
}


class XSearch:
    """Polls X's recent search. The cursor is the id of the newest post that was taken."""

    def __init__(self, name: str, base_url: str, token: str, query: str, pause: float) -> None:
        self.name = name
        self.pause = pause
        self._url = base_url.rstrip("/") + PATH
        self._token = token
        self._query = query

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """All posts newer than the cursor, oldest first. TryLater when X asks for patience or does not answer."""
        query = {"query": self._query, "max_results": str(PAGE_SIZE), **FIELDS}
        if cursor:
            query["since_id"] = cursor
        found, newest = Parsed(), cursor
        for _ in range(MOST_PAGES):
            document = self._ask(client, query)
            page = x.parse(document, now)
            page.posts.reverse()  # X gives the newest first
            page.extend(found)
            found = page
            meta = document.get("meta")
            meta = meta if isinstance(meta, dict) else {}
            newest = _later(newest, str(meta.get("newest_id") or ""))
            if not meta.get("next_token"):
                return Page(found, newest)
            query["next_token"] = str(meta["next_token"])
        return Page(found, newest)

    def _ask(self, client: httpx.Client, query: dict[str, str]) -> dict[str, Any]:
        try:
            answer = client.get(self._url, params=query, headers={"Authorization": f"Bearer {self._token}"})
        except httpx.HTTPError as error:
            raise TryLater(f"{self.name} does not answer ({type(error).__name__})") from error
        if answer.status_code == 429:
            raise TryLater(f"{self.name} is over its rate limit", _reset(answer))
        if answer.status_code in (401, 403):
            raise TryLater(f"{self.name} refuses the token ({answer.status_code}): check X_BEARER_TOKEN_FILE", 300.0)
        if answer.status_code != 200:
            raise TryLater(f"{self.name} answered {answer.status_code}")
        try:
            document = answer.json()
        except ValueError as error:
            raise TryLater(f"{self.name} answered with half a page") from error
        if not isinstance(document, dict):
            raise Refused("malformed", "the answer is not an object")
        return document


def _reset(answer: httpx.Response) -> float:
    """Seconds until the rate limit is lifted."""
    reset = answer.headers.get("x-rate-limit-reset", "")
    return min(max(float(reset) - time.time(), 1.0), 900.0) if reset.isdigit() else 60.0


def _later(one: str, other: str) -> str:
    """The later of two ids: numbers beyond 2^53, in text."""
    return max(one, other, key=lambda text: (len(text), text))
