"""Reddit: listings of posts (t3) and comments (t1), replies included. https://www.reddit.com/dev/api

A post or comment that its author or a moderator took away reads [deleted] or [removed]: that erases it here too. Texts
are HTML-escaped unless raw_json=1 was asked for.
"""

import html
from collections import deque
from typing import Any, Final

from services.ingest_social.post import Parsed, Refused, moment, name_of, object_of, post, text_of

_GONE: Final = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]", "[deleted by user]"})
_KINDS: Final = frozenset({"t1", "t3"})
MOST_THINGS: Final = 10_000


def parse(document: Any, now: int) -> Parsed:
    """Posts and comments of a listing, of several (a post with its comments), or of one thing."""
    parsed = Parsed()
    things = deque(document if isinstance(document, list) else [document])
    seen = 0
    while things and seen < MOST_THINGS:
        seen += 1
        thing = things.popleft()
        try:
            _add(parsed, object_of(thing, "a thing"), things, now)
        except Refused as refused:
            if not isinstance(document, list) and thing is document:
                raise
            parsed.refuse(refused, thing)
    return parsed


def _add(parsed: Parsed, thing: dict[str, Any], things: "deque[Any]", now: int) -> None:
    kind = thing.get("kind")
    if kind is None:
        if "error" in thing:
            raise Refused("malformed", "the document is an error of the API")
        raise Refused("missing_field", "kind is missing")
    if kind == "Listing":
        children = object_of(thing.get("data"), "data").get("children")
        if not isinstance(children, list):
            raise Refused("missing_field", "the listing has no children")
        things.extendleft(reversed(children))
    elif str(kind) in _KINDS:
        data = object_of(thing.get("data"), "data")
        _take(parsed, str(kind), data, now)
        if isinstance(data.get("replies"), dict):
            things.append(data["replies"])
    else:
        parsed.ignore("unknown_event")


def _take(parsed: Parsed, kind: str, data: dict[str, Any], now: int) -> None:
    body = text_of(data.get("selftext" if kind == "t3" else "body"), "text")
    title = text_of(data.get("title"), "title") if kind == "t3" else ""
    author = name_of(data.get("author"))
    identity = name_of(data.get("name")) or (f"{kind}_{data['id']}" if data.get("id") else None)
    is_gone = body.strip() in _GONE or bool(data.get("removed_by_category"))
    posted = moment(data["created_utc"], "created_utc") if data.get("created_utc") else None
    edited = data.get("edited")
    is_edit = isinstance(edited, int | float) and not isinstance(edited, bool) and edited > 0
    attributes = {"imputed": "occurred_at"} if posted is None else {}
    if name := name_of(data.get("subreddit")):
        attributes["subreddit"] = name
    if is_edit and posted is not None:
        attributes["posted_at"] = str(posted)
    permalink = name_of(data.get("permalink"))
    at = now if is_gone else moment(edited, "edited") if is_edit else posted
    parsed.take(
        post(
            network="reddit",
            post_id=identity,
            action="deleted" if is_gone else "updated" if is_edit else "created",
            author_id=name_of(data.get("author_fullname")),
            author_handle=None if author in _GONE else author,
            text="" if is_gone else html.unescape("\n\n".join(part for part in (title, body) if part.strip())),
            created_at=now if at is None else at,
            in_reply_to=data.get("parent_id") if kind == "t1" else None,
            url=f"https://www.reddit.com{permalink}" if permalink and permalink.startswith("/") else permalink,
            attributes=attributes,
        ),
        data,
    )
