"""X: answers of recent search, events of the filtered stream, and of the Account Activity webhook.

https://docs.x.com/x-api/posts/search-recent-posts. Ids are strings beyond 2^53; fields that were not asked for do not
come; a page without results has no data. An edited post comes under a new id: the first of its edit history names it,
and tells when it was first posted, since an id holds its time. Texts are HTML-escaped.
"""

import html
import re
from datetime import UTC, datetime
from typing import Any, Final

from services.ingest_social.post import Parsed, Refused, count_of, list_of, moment, name_of, object_of, post, text_of

EPOCH_MS: Final = 1_288_834_974_657
"""Where the times in ids start (https://github.com/twitter-archive/snowflake)."""
_ID: Final = re.compile(r"[0-9]{15,19}")
_OLD_TIME: Final = "%a %b %d %H:%M:%S %z %Y"
_ACTIVITY: Final = ("tweet_create_events", "tweet_delete_events", "direct_message_events")


def parse(document: Any, now: int) -> Parsed:
    """Posts of a search answer (data is a list), of one stream event (data is an object), or of account activity."""
    found = object_of(document, "the document")
    if "data" not in found:
        if any(name in found for name in _ACTIVITY) or "for_user_id" in found:
            return _activity(found, now)
        if isinstance(found.get("meta"), dict):
            return Parsed()
        if "errors" in found or "title" in found:
            raise Refused("malformed", "the document is an error of the API")
        raise Refused("missing_field", "data is missing")
    includes = object_of(found.get("includes") or {}, "includes")
    users = {str(user.get("id")): user for user in list_of(includes.get("users"), "users") if isinstance(user, dict)}
    places = {
        str(place.get("id")): place for place in list_of(includes.get("places"), "places") if isinstance(place, dict)
    }
    parsed = Parsed()
    data = found["data"]
    for item in data if isinstance(data, list) else [data]:
        try:
            _add(parsed, object_of(item, "a post"), users, places, now)
        except Refused as refused:
            parsed.refuse(refused, item)
    return parsed


def posted_at(identity: object) -> int | None:
    """When a post with this id was made, ms UTC; None for an id from before times were in ids.

    >>> posted_at("1307025659294674945")
    1600454175489
    """
    text = str(identity)
    return (int(text) >> 22) + EPOCH_MS if _ID.fullmatch(text) else None


def _add(parsed: Parsed, item: dict[str, Any], users: dict[str, Any], places: dict[str, Any], now: int) -> None:
    references = [r for r in list_of(item.get("referenced_tweets"), "referenced_tweets") if isinstance(r, dict)]
    if any(reference.get("type") == "retweeted" for reference in references):
        parsed.ignore("echo")  # the same words of somebody else: the post itself is found too
        return
    history = list_of(item.get("edit_history_tweet_ids"), "edit_history_tweet_ids")
    identity = history[0] if history else item.get("id")
    author = str(item.get("author_id") or "")
    user = users.get(author, {})
    replied = next((r.get("id") for r in references if r.get("type") == "replied_to"), None)
    geo = item.get("geo")
    place = places.get(str(geo.get("place_id")), {}) if isinstance(geo, dict) else {}
    metrics = user.get("public_metrics")
    stamp, own_time = item.get("created_at"), posted_at(item.get("id"))
    created_at = moment(stamp, "created_at") if stamp is not None else own_time
    is_edit = len(history) > 1
    first = posted_at(identity)
    attributes = {"imputed": "occurred_at"} if created_at is None else {}
    if is_edit and first is not None:
        attributes["posted_at"] = str(first)
    if name := name_of(user.get("name")):
        attributes["author_name"] = name
    note = item.get("note_tweet")
    long_text = note.get("text") if isinstance(note, dict) else None
    parsed.take(
        post(
            network="x",
            post_id=identity,
            action="updated" if is_edit else "created",
            author_id=author or None,
            author_handle=name_of(user.get("username")),
            text=html.unescape(text_of(long_text or item.get("text"), "text")),
            created_at=now if created_at is None else created_at,
            language=_language(item.get("lang")),
            in_reply_to=replied,
            url=f"https://x.com/i/status/{item.get('id')}",
            place=name_of(place.get("full_name")) or name_of(place.get("name")),
            followers=count_of(metrics.get("followers_count")) if isinstance(metrics, dict) else None,
            attributes=attributes,
        ),
        item,
    )


def _activity(found: dict[str, Any], now: int) -> Parsed:
    parsed = Parsed()
    own = str(found.get("for_user_id") or "")
    for name, add in (
        ("tweet_create_events", _add_old),
        ("tweet_delete_events", _add_deletion),
        ("direct_message_events", _add_direct),
    ):
        for item in list_of(found.get(name), name):
            try:
                add(parsed, object_of(item, "an event"), own, now)
            except Refused as refused:
                parsed.refuse(refused, item)
    if parsed.is_nothing:
        parsed.ignore("unknown_event")
    return parsed


def _add_old(parsed: Parsed, item: dict[str, Any], own: str, now: int) -> None:
    """A post in the form of API v1.1."""
    user = object_of(item.get("user") or {}, "user")
    author = str(user.get("id_str") or user.get("id") or "")
    if author and author == own:
        parsed.ignore("own_post")
        return
    if item.get("retweeted_status"):
        parsed.ignore("echo")
        return
    extended = item.get("extended_tweet")
    full = extended.get("full_text") if isinstance(extended, dict) else None
    identity = item.get("id_str") or item.get("id")
    place = item.get("place")
    parsed.take(
        post(
            network="x",
            post_id=identity,
            author_id=author or None,
            author_handle=name_of(user.get("screen_name")),
            text=html.unescape(text_of(full or item.get("full_text") or item.get("text"), "text")),
            created_at=_old_time(item.get("timestamp_ms") or item.get("created_at"), now),
            language=_language(item.get("lang")),
            in_reply_to=item.get("in_reply_to_status_id_str"),
            url=f"https://x.com/i/status/{identity}",
            place=name_of(place.get("full_name")) if isinstance(place, dict) else None,
            followers=count_of(user.get("followers_count")),
            attributes={"author_name": name} if (name := name_of(user.get("name"))) else {},
        ),
        item,
    )


def _add_deletion(parsed: Parsed, item: dict[str, Any], own: str, now: int) -> None:
    status = object_of(item.get("status"), "status")
    stamp = item.get("timestamp_ms")
    parsed.take(
        post(
            network="x",
            post_id=status.get("id"),
            action="deleted",
            author_id=status.get("user_id") if str(status.get("user_id")) != own else None,
            text="",
            created_at=moment(stamp, "timestamp_ms") if stamp else now,
        ),
        item,
    )


def _add_direct(parsed: Parsed, item: dict[str, Any], own: str, now: int) -> None:
    message = item.get("message_create")
    if item.get("type") != "message_create" or not isinstance(message, dict):
        parsed.ignore("unknown_event")
        return
    author = str(message.get("sender_id") or "")
    if author == own:
        parsed.ignore("echo")
        return
    stamp = item.get("created_timestamp")
    parsed.take(
        post(
            network="x",
            post_id=item.get("id"),
            author_id=author or None,
            text=html.unescape(
                text_of(object_of(message.get("message_data") or {}, "message_data").get("text"), "text")
            ),
            created_at=moment(stamp, "created_timestamp") if stamp else now,
            attributes={"direct": "true"},
        ),
        item,
    )


def _old_time(value: object, now: int) -> int:
    if value is None:
        return now
    try:
        return int(datetime.strptime(str(value), _OLD_TIME).astimezone(UTC).timestamp() * 1000)
    except ValueError:
        return moment(value, "created_at")


def _language(value: object) -> str | None:
    """A language that X recognised; und, qme and the like say that it did not."""
    name = name_of(value)
    return None if name is None or name == "und" or (len(name) == 3 and name.startswith("q")) else name
