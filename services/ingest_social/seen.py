"""A cursor for feeds that show their newest entries again and again: what was seen, as short keyed digests."""

from collections.abc import Callable
from typing import Any, Final

import orjson

from services.ingest_social.post import Parsed

MOST: Final = 1_000
"""Entries that are remembered: more than any feed shows at once."""


class Seen:
    """What a feed showed before. Text form: JSON, oldest first.

    >>> seen = Seen("", str)
    >>> seen.news(Parsed(posts=[{"post_id": "1", "action": "created", "text": "a"}], raw=[1]), 0).posts[0]["post_id"]
    '1'
    >>> seen.news(Parsed(posts=[{"post_id": "1", "action": "created", "text": "a"}], raw=[1]), 0).posts
    []
    """

    def __init__(self, cursor: str, fingerprint: Callable[[str], str]) -> None:
        self._fingerprint = fingerprint
        found = orjson.loads(cursor) if cursor else {}
        self.extra: dict[str, str] = dict(found.get("extra", {}))
        self._digests: dict[str, str] = dict(found.get("seen", []))

    def news(self, parsed: Parsed, now: int) -> Parsed:
        """What is new or changed. An entry whose text changed without saying so becomes an edit of this moment."""
        fresh = Parsed(ignored=parsed.ignored, refused=[])
        for made, raw in zip(parsed.posts, parsed.raw, strict=True):
            name = self._fingerprint(made["post_id"])
            digest = self._fingerprint(f"{made['action']}\x1f{made['text']}")
            before = self._digests.pop(name, None)
            self._digests[name] = digest
            if before is None:
                fresh.posts.append(made)
                fresh.raw.append(raw)
            elif before != digest:
                fresh.posts.append(_as_edit(made, now))
                fresh.raw.append(raw)
        for refused in parsed.refused:
            name = self._fingerprint(repr(refused.raw))
            if self._digests.pop(name, None) is None:
                fresh.refused.append(refused)
            self._digests[name] = "refused"
        return fresh

    def cursor(self) -> str:
        """The text form."""
        return orjson.dumps({"extra": self.extra, "seen": list(self._digests.items())[-MOST:]}).decode()


def _as_edit(made: dict[str, Any], now: int) -> dict[str, Any]:
    if made["action"] != "created":
        return made
    attributes = {**made["attributes"], "posted_at": str(made["created_at"])}
    return {**made, "action": "updated", "created_at": now, "attributes": attributes}
