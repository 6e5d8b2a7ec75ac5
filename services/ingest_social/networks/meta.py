"""Meta's webhooks: comments and posts of a page, comments on Instagram, messages of Messenger and WhatsApp Cloud.

https://developers.facebook.com/docs/graph-api/webhooks. Times are seconds or milliseconds; ids were integers once. The
verbs remove and hide erase: Meta's terms want the text gone. What the page itself writes, and its echoes, are ignored.
"""

from typing import Any, Final

from services.ingest_social.post import Parsed, Refused, list_of, moment, object_of, post, text_of

_ERASES: Final = frozenset({"remove", "hide"})
_EDITS: Final = frozenset({"edit", "edited"})
_ITEMS: Final = frozenset({"comment", "post", "status", "photo", "video", "share"})


def parse(document: Any, now: int) -> Parsed:
    """Posts of one webhook document. Refused when it is none of Meta's."""
    found = object_of(document, "the document")
    kind = found.get("object")
    if kind not in ("page", "instagram", "whatsapp_business_account"):
        raise Refused("bad_field", "object is not page, instagram or whatsapp_business_account")
    parsed = Parsed()
    for entry in list_of(found.get("entry"), "entry"):
        try:
            _entry(parsed, str(kind), object_of(entry, "an entry"), now)
        except Refused as refused:
            parsed.refused.append(refused)
    return parsed


def _entry(parsed: Parsed, kind: str, entry: dict[str, Any], now: int) -> None:
    own = str(entry.get("id") or "")
    at = moment(entry["time"], "time") if entry.get("time") is not None else now
    for change in list_of(entry.get("changes"), "changes"):
        try:
            change = object_of(change, "a change")
            value = object_of(change.get("value"), "value")
            if kind == "whatsapp_business_account":
                _whatsapp(parsed, value, at)
            elif kind == "instagram":
                _instagram(parsed, change.get("field"), value, own, at)
            else:
                _feed(parsed, change.get("field"), value, own, at)
        except Refused as refused:
            parsed.refused.append(refused)
    for event in list_of(entry.get("messaging"), "messaging"):
        try:
            _message(parsed, "facebook" if kind == "page" else "instagram", object_of(event, "an event"), own, at)
        except Refused as refused:
            parsed.refused.append(refused)


def _feed(parsed: Parsed, field: object, value: dict[str, Any], own: str, at: int) -> None:
    if field != "feed" or value.get("item") not in _ITEMS:
        parsed.ignore("unknown_event")
        return
    sender = value.get("from")
    author = sender if isinstance(sender, dict) else {}
    author_id = str(author.get("id") or value.get("sender_id") or "")
    if author_id and author_id == own:
        parsed.ignore("own_post")
        return
    verb = value.get("verb")
    identity = value.get("comment_id") if value.get("item") == "comment" else value.get("post_id")
    created = value.get("created_time")
    text = "" if verb in _ERASES else text_of(value.get("message"), "message")
    made = post(
        network="facebook",
        post_id=identity,
        action="deleted" if verb in _ERASES else "updated" if verb in _EDITS else "created",
        author_id=author_id or None,
        text=text,
        # a removal bears the time of the comment: what counts is when it was removed
        created_at=at if verb in _ERASES or created is None else moment(created, "created_time"),
        in_reply_to=value.get("parent_id"),
        url=value.get("permalink_url") if isinstance(value.get("permalink_url"), str) else None,
    )
    _take(parsed, made)


def _instagram(parsed: Parsed, field: object, value: dict[str, Any], own: str, at: int) -> None:
    if field not in ("comments", "mentions", "live_comments"):
        parsed.ignore("unknown_event")
        return
    sender = value.get("from")
    author = sender if isinstance(sender, dict) else {}
    if str(author.get("id") or "") == own and own:
        parsed.ignore("own_post")
        return
    media = value.get("media")
    _take(
        parsed,
        post(
            network="instagram",
            post_id=value.get("id") or value.get("comment_id"),
            author_id=author.get("id"),
            author_handle=author.get("username") if isinstance(author.get("username"), str) else None,
            text=text_of(value.get("text"), "text"),
            created_at=at,
            in_reply_to=value.get("parent_id") or (media.get("id") if isinstance(media, dict) else None),
        ),
    )


def _whatsapp(parsed: Parsed, value: dict[str, Any], at: int) -> None:
    if "messages" not in value:
        parsed.ignore("delivery_receipt" if "statuses" in value else "unknown_event")
        return
    for message in list_of(value["messages"], "messages"):
        message = object_of(message, "a message")
        body = message.get(str(message.get("type")))
        content = body if isinstance(body, dict) else {}
        text = content.get("body") or content.get("caption") or content.get("text")
        stamp = message.get("timestamp")
        _take(
            parsed,
            post(
                network="whatsapp",
                post_id=message.get("id"),
                author_id=message.get("from"),
                text=text_of(text, "body"),
                created_at=moment(stamp, "timestamp") if stamp is not None else at,
            ),
        )


def _message(parsed: Parsed, network: str, event: dict[str, Any], own: str, at: int) -> None:
    message = event.get("message")
    if not isinstance(message, dict):
        parsed.ignore("delivery_receipt" if "delivery" in event or "read" in event else "unknown_event")
        return
    sender = event.get("sender")
    author = str((sender if isinstance(sender, dict) else {}).get("id") or "")
    if message.get("is_echo") or (author and author == own):
        parsed.ignore("echo")
        return
    stamp = event.get("timestamp")
    _take(
        parsed,
        post(
            network=network,
            post_id=message.get("mid"),
            action="deleted" if message.get("is_deleted") else "created",
            author_id=author or None,
            text=text_of(message.get("text"), "text"),
            created_at=moment(stamp, "timestamp") if stamp is not None else at,
        ),
    )


def _take(parsed: Parsed, made: dict[str, Any]) -> None:
    if not made["text"].strip() and made["action"] != "deleted":
        parsed.ignore("empty")
    else:
        parsed.posts.append(made)
