"""The feed of X's recent search: GET /2/tweets/search/recent, page by page, from the newest known post on."""

from typing import Any, Final

import httpx

from services.ingest_social import fetch
from services.ingest_social.documents import json_of
from services.ingest_social.feed import Page, TryLater
from services.ingest_social.networks import x
from services.ingest_social.post import Parsed, Refused

PATH: Final = "/2/tweets/search/recent"
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 50
FIELDS: Final = {
    "tweet.fields": "id,text,note_tweet,created_at,author_id,lang,referenced_tweets,edit_history_tweet_ids,geo",
    "expansions": "author_id,geo.place_id",
    "user.fields": "username,name,public_metrics",
    "place.fields": "full_name",
}


class XSearch:
    """Polls X's recent search.

    The cursor is the id of the newest post that was taken; where a poll ended before all older ones were read (too
    many pages, or the rate limit's end) it is since|until|newest, and the next poll goes on downwards from there.
    """

    def __init__(self, name: str, base_url: str, token: str, query: str, pause: float) -> None:
        self.name = name
        self.pause = pause
        self._url = base_url.rstrip("/") + PATH
        self._headers = {"Authorization": f"Bearer {token}"}
        self.query = query

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """Posts newer than the cursor, oldest first. TryLater when X asks for patience or does not answer."""
        since, until, newest = (*cursor.split("|"), "", "")[:3] if "|" in cursor else (cursor, "", cursor)
        query = {"query": self.query, "max_results": str(PAGE_SIZE), **FIELDS}
        query |= {"since_id": since} if since else {}
        query |= {"until_id": until} if until else {}
        found = Parsed()
        for _ in range(MOST_PAGES):
            answer = self._ask(client, query)
            document = self._document(answer)
            page = x.parse(document, now)
            page.posts.reverse()  # X gives the newest first
            page.raw.reverse()
            page.extend(found)
            found = page
            meta = document.get("meta")
            meta = meta if isinstance(meta, dict) else {}
            newest = _later(newest, str(meta.get("newest_id") or ""))
            until = str(meta.get("oldest_id") or until)
            if not meta.get("next_token"):
                return Page(found, newest)
            query["next_token"] = str(meta["next_token"])
            if fetch.budget_wait(answer):
                break
        return Page(found, f"{since}|{until}|{newest}")

    def _ask(self, client: httpx.Client, query: dict[str, str]) -> httpx.Response:
        try:
            return fetch.get(client, self.name, self._url, query, self._headers)
        except TryLater as error:
            # a cursor from before the seven days that X searches is refused: what is left begins at the oldest
            if error.status != 400 or not {"since_id", "until_id"} & query.keys():
                raise
            query.pop("since_id", None)
            query.pop("until_id", None)
            return fetch.get(client, self.name, self._url, query, self._headers)

    def _document(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            document = json_of(answer.content)
        except Refused as error:
            raise TryLater(f"{self.name} answered with half a page") from error
        if not isinstance(document, dict):
            raise TryLater(f"{self.name} answered with something that is no page")
        return document


def _later(one: str, other: str) -> str:
    """The later of two ids: numbers beyond 2^53, in text."""
    return max(one, other, key=lambda text: (len(text), text))
