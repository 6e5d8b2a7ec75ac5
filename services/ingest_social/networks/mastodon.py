"""Mastodon: statuses of timelines, and events of the streaming API, of any compatible server.

https://docs.joinmastodon.org/entities/Status and https://docs.joinmastodon.org/methods/streaming. Only public statuses
are taken; boosts are echoes. content is HTML. A deletion names nothing but the id.
"""

from typing import Any

from services.ingest_social.documents import json_of
from services.ingest_social.markup import plain_text
from services.ingest_social.post import Parsed, Refused, count_of, moment, name_of, object_of, post, text_of


def parse(document: Any, now: int) -> Parsed:
    """Posts of a status, a list of statuses, or a streaming event {event, payload or data}."""
    parsed = Parsed()
    for item in document if isinstance(document, list) else [document]:
        try:
            _add(parsed, object_of(item, "a status"), now)
        except Refused as refused:
            if not isinstance(document, list):
                raise
            parsed.refuse(refused, item)
    return parsed


def event(parsed: Parsed, name: str, payload: Any, now: int) -> None:
    """Add one event of the stream: update, status.update or delete; others are no posts."""
    if name == "delete":
        parsed.take(post(network="mastodon", post_id=payload, action="deleted", text="", created_at=now), payload)
    elif name in ("update", "status.update"):
        _status(parsed, object_of(payload, "the payload"), now, is_edit=name == "status.update")
    else:
        parsed.ignore("unknown_event")


def _add(parsed: Parsed, item: dict[str, Any], now: int) -> None:
    if "event" in item:
        payload = item.get("payload", item.get("data"))
        if item["event"] != "delete" and isinstance(payload, str):
            payload = json_of(payload.encode("utf-8", "surrogatepass"))
        event(parsed, str(item["event"]), payload, now)
    elif "error" in item and "content" not in item:
        raise Refused("malformed", "the document is an error of the API")
    else:
        _status(parsed, item, now)


def _status(parsed: Parsed, item: dict[str, Any], now: int, is_edit: bool = False) -> None:
    if item.get("reblog"):
        parsed.ignore("echo")
        return
    if item.get("visibility", "public") != "public":
        parsed.ignore("unknown_event")
        return
    if "content" not in item:
        raise Refused("missing_field", "the status has no content")
    account = object_of(item.get("account") or {}, "account")
    posted = moment(item["created_at"], "created_at") if item.get("created_at") else None
    edited = moment(item["edited_at"], "edited_at") if item.get("edited_at") else None
    is_edit = is_edit or edited is not None
    warning = plain_text(text_of(item.get("spoiler_text"), "spoiler_text"))
    body = plain_text(text_of(item.get("content"), "content"))
    attributes = {"imputed": "occurred_at"} if posted is None and edited is None else {}
    if is_edit and posted is not None:
        attributes["posted_at"] = str(posted)
    if name := name_of(account.get("display_name")):
        attributes["author_name"] = name
    at = (edited or posted) if is_edit else posted
    parsed.take(
        post(
            network="mastodon",
            post_id=item.get("id"),
            action="updated" if is_edit else "created",
            author_id=account.get("id"),
            author_handle=name_of(account.get("acct")) or name_of(account.get("username")),
            text=f"{warning}\n\n{body}" if warning and body else warning or body,
            created_at=now if at is None else at,
            language=name_of(item.get("language")),
            in_reply_to=item.get("in_reply_to_id"),
            url=name_of(item.get("url")) or name_of(item.get("uri")),
            followers=count_of(account.get("followers_count")),
            attributes=attributes,
        ),
        item,
    )
