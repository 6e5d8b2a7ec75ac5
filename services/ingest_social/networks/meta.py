"""Meta's webhooks: comments and posts of a page, comments on Instagram, messages of Messenger and WhatsApp Cloud.

https://developers.facebook.com/docs/graph-api/webhooks. Times are seconds or milliseconds; ids were integers once. The
verbs remove and hide erase: Meta's terms want the text gone. What the page itself writes, and its echoes, are ignored.
"""

from typing import Any, Final

from services.ingest_social.networks import whatsapp
from services.ingest_social.post import Parsed, Refused, list_of, moment, name_of, object_of, post, text_of

_NETWORKS: Final = {"page": "facebook", "instagram": "instagram", "whatsapp_business_account": "whatsapp"}
_ERASES: Final = frozenset({"remove", "hide", "delete"})
_EDITS: Final = frozenset({"edit", "edited"})
_VERBS: Final = frozenset({"add", ""}) | _ERASES | _EDITS
_ITEMS: Final = frozenset({"comment", "post", "status", "photo", "video", "share", "album", "note", "story"})
_RECEIPTS: Final = frozenset({"delivery", "read"})
_INSTAGRAM_FIELDS: Final = frozenset({"comments", "live_comments", "mentions"})


def parse(document: Any, now: int) -> Parsed:
    """Posts of one webhook document. Refused when it is none of Meta's."""
    found = object_of(document, "the document")
    network = _NETWORKS.get(str(found.get("object")))
    if network is None:
        raise Refused("bad_field", "object is not page, instagram or whatsapp_business_account")
    if "entry" not in found:
        raise Refused("missing_field", "the document has no entry")
    parsed = Parsed()
    for entry in list_of(found["entry"], "entry"):
        try:
            _entry(parsed, network, object_of(entry, "an entry"), now)
        except Refused as refused:
            parsed.refuse(refused, entry)
    if parsed.is_nothing:
        parsed.ignore("unknown_event")
    return parsed


def _entry(parsed: Parsed, network: str, entry: dict[str, Any], now: int) -> None:
    own = str(entry.get("id") or "")
    at = moment(entry["time"], "time") if entry.get("time") else now
    for change in list_of(entry.get("changes"), "changes"):
        try:
            _change(parsed, network, object_of(change, "a change"), own, at)
        except Refused as refused:
            parsed.refuse(refused, change)
    for event in list_of(entry.get("messaging"), "messaging"):
        try:
            _message(parsed, network, object_of(event, "an event"), own, at)
        except Refused as refused:
            parsed.refuse(refused, event)
    for _ in list_of(entry.get("standby"), "standby"):
        parsed.ignore("unknown_event")  # another application has the conversation


def _change(parsed: Parsed, network: str, change: dict[str, Any], own: str, at: int) -> None:
    field = change.get("field")
    value = change.get("value")
    if not isinstance(value, dict):
        if field in (None, "feed", "comments", "messages"):
            raise Refused("bad_field", "value is not an object")
        parsed.ignore("unknown_event")
    elif network == "whatsapp":
        whatsapp.add(parsed, value, at)
    elif field == "messages":
        _message(parsed, network, value, own, at)
    elif network == "instagram" and str(field) in _INSTAGRAM_FIELDS:
        _instagram(parsed, value, own, at)
    elif network == "facebook" and field == "feed":
        _feed(parsed, value, own, at)
    else:
        parsed.ignore("unknown_event")


def _feed(parsed: Parsed, value: dict[str, Any], own: str, at: int) -> None:
    verb = str(value.get("verb") or "").lower()
    if str(value.get("item")) not in _ITEMS or verb not in _VERBS:
        parsed.ignore("unknown_event")
        return
    sender = value.get("from")
    author = sender if isinstance(sender, dict) else {}
    author_id = str(author.get("id") or value.get("sender_id") or "")
    if author_id and author_id == own and verb not in _ERASES:
        parsed.ignore("own_post")
        return
    identity = value.get("comment_id") if value.get("item") == "comment" else value.get("post_id")
    posted = moment(value["created_time"], "created_time") if value.get("created_time") else None
    is_later = verb in _ERASES or verb in _EDITS
    made = post(
        network="facebook",
        post_id=identity or value.get("post_id"),
        action="deleted" if verb in _ERASES else "updated" if verb in _EDITS else "created",
        author_id=author_id or None,
        text="" if verb in _ERASES else text_of(value.get("message"), "message"),
        # an edit and a removal bear the time of the post: what counts is when it was edited or removed
        created_at=at if is_later or posted is None else posted,
        in_reply_to=value.get("parent_id"),
        url=name_of(value.get("permalink_url")) or name_of(value.get("link")),
        attributes=_attributes(
            author_name=name_of(author.get("name")) or name_of(value.get("sender_name")),
            posted_at=str(posted) if is_later and posted is not None else None,
        ),
    )
    parsed.take(made, value)


def _instagram(parsed: Parsed, value: dict[str, Any], own: str, at: int) -> None:
    sender = value.get("from")
    author = sender if isinstance(sender, dict) else {}
    author_id = str(author.get("id") or "")
    if author_id and (author_id == own or author.get("self_ig_scoped_id") == own):
        parsed.ignore("own_post")
        return
    media = value.get("media")
    if "text" not in value:
        parsed.ignore("unknown_event")  # a mention gives ids alone
        return
    parsed.take(
        post(
            network="instagram",
            post_id=value.get("id") or value.get("comment_id"),
            author_id=author_id or None,
            author_handle=name_of(author.get("username")),
            text=text_of(value.get("text"), "text"),
            created_at=at,
            in_reply_to=value.get("parent_id") or (media.get("id") if isinstance(media, dict) else None),
        ),
        value,
    )


def _message(parsed: Parsed, network: str, event: dict[str, Any], own: str, at: int) -> None:
    """A message of Messenger or Instagram: new, edited (message_edit) or taken back (is_deleted)."""
    edited = event.get("message_edit")
    message = edited if isinstance(edited, dict) else event.get("message")
    if not isinstance(message, dict):
        parsed.ignore("delivery_receipt" if _RECEIPTS & event.keys() else "unknown_event")
        return
    sender = event.get("sender")
    author = str((sender if isinstance(sender, dict) else {}).get("id") or "")
    if message.get("is_echo") or (author and author == own):
        parsed.ignore("echo")
        return
    reply = message.get("reply_to")
    stamp = event.get("timestamp")
    is_deleted = bool(message.get("is_deleted"))
    parsed.take(
        post(
            network=network,
            post_id=message.get("mid"),
            action="deleted" if is_deleted else "updated" if message is edited else "created",
            author_id=author or None,
            text="" if is_deleted else text_of(message.get("text"), "text"),
            created_at=moment(stamp, "timestamp") if stamp else at,
            in_reply_to=reply.get("mid") if isinstance(reply, dict) else None,
            attributes=_attributes(direct="true"),
        ),
        event,
    )


def _attributes(**found: str | None) -> dict[str, str]:
    return {name: value for name, value in found.items() if value}
