"""Messages of the WhatsApp Cloud API, as Meta's webhooks carry them.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components. The author is a phone number, or a user id
where the customer hides the number.
"""

from typing import Any, Final

from services.ingest_social.documents import json_of
from services.ingest_social.post import Parsed, Refused, list_of, moment, name_of, object_of, post, text_of

_NO_COMPLAINT: Final = frozenset({"reaction", "system", "unsupported", "unknown", "request_welcome", "ephemeral"})
_TEXTS: Final = ("body", "text", "caption", "title", "description", "name", "address")


def add(parsed: Parsed, value: dict[str, Any], at: int) -> None:
    """Add the messages of one change. Statuses of our own messages are receipts."""
    if "messages" not in value:
        parsed.ignore("delivery_receipt" if "statuses" in value else "unknown_event")
        return
    names = {}
    for contact in list_of(value.get("contacts"), "contacts"):
        if isinstance(contact, dict) and isinstance(contact.get("profile"), dict):
            name = name_of(contact["profile"].get("name"))
            names.update({str(contact.get(key)): name for key in ("wa_id", "user_id") if name and contact.get(key)})
    for message in list_of(value["messages"], "messages"):
        try:
            _message(parsed, object_of(message, "a message"), names, at)
        except Refused as refused:
            parsed.refuse(refused, message)


def _message(parsed: Parsed, message: dict[str, Any], names: dict[str, str], at: int) -> None:
    kind = str(message.get("type") or "")
    if kind in _NO_COMPLAINT or "errors" in message:
        parsed.ignore("unknown_event")
        return
    author = message.get("from") or message.get("from_user_id") or message.get("user_id")
    if not author:
        raise Refused("missing_field", "the message has no from")
    stamp = message.get("timestamp")
    context = message.get("context")
    attributes = {"direct": "true"}
    if str(author) in names:
        attributes["author_name"] = names[str(author)]
    body = message.get(kind)
    content = body if isinstance(body, dict) else {}
    for name in ("latitude", "longitude"):
        if isinstance(content.get(name), int | float):
            attributes[name] = str(content[name])
    parsed.take(
        post(
            network="whatsapp",
            post_id=message.get("id"),
            author_id=author,
            text=_text(kind, content),
            created_at=moment(stamp, "timestamp") if stamp else at,
            in_reply_to=context.get("id") if isinstance(context, dict) else None,
            place=name_of(content.get("name")) if kind == "location" else None,
            attributes=attributes,
        ),
        message,
    )


def _text(kind: str, content: dict[str, Any]) -> str:
    """Text, caption, or what the customer chose of a list or of buttons."""
    if kind == "interactive":
        for name in ("button_reply", "list_reply"):
            if isinstance(content.get(name), dict):
                return text_of(content[name].get("title"), "title")
        form = content.get("nfm_reply")
        return _answers(form) if isinstance(form, dict) else ""
    for name in _TEXTS:
        if content.get(name):
            return text_of(content[name], name)
    return ""


def _answers(form: dict[str, Any]) -> str:
    """What the customer entered into a form (a flow): its texts, one a line. The token names the flow, not a person."""
    try:
        found = json_of(text_of(form.get("response_json"), "response_json").encode())
    except Refused:
        found = None
    if not isinstance(found, dict):
        return text_of(form.get("body"), "body")
    return "\n".join(value for name, value in found.items() if isinstance(value, str) and name != "flow_token")
