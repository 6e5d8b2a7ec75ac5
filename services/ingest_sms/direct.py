"""Messages in the pipeline's own form: SmsMessage's fields as JSON, from producers that speak to us directly."""

import re
from typing import Any

from services.ingest_sms import fields
from services.ingest_sms.request import Parsed, Refused
from services.ingest_sms.timestamps import any_ms

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,47}")


def sms_message(found: Any, now: int, gateway: str = "generic") -> dict[str, Any]:
    """An SmsMessage of a JSON object with its fields; sent_at in ms (or s) since the epoch, or ISO 8601.

    message_id, recipient, sent_at, gateway and attributes may be missing. Raises Refused.

    >>> sms_message({"sender": "+2348031234567", "text": "no network", "sent_at": "2026-03-02T10:00:00Z"}, 0)["sent_at"]
    1772445600000
    """
    if not isinstance(found, dict):
        raise Refused("malformed", "a message is not a JSON object")
    text = fields.string(found.get("text"), "text")
    if text is None:
        raise Refused("missing_field", "the field text is missing")
    given = found.get("attributes")
    if given is not None and not isinstance(given, dict):
        raise Refused("bad_field", "the field attributes is not an object")
    sent_at = found.get("sent_at")
    return fields.message(
        gateway_name(found.get("gateway"), gateway),
        message_id=fields.optional(found, "message_id"),
        sender=fields.required(found, "sender"),
        recipient=fields.optional(found, "recipient"),
        text=text,
        sent_at=any_ms(sent_at) if sent_at not in (None, "") else None,
        now=now,
        attributes=fields.attributes(given or {}, list(given or {})),
    )


def gateway_name(value: Any, default: str) -> str:
    """A producer's own name: lower case letters, digits, dot, hyphen and underscore, at most 48."""
    name = fields.string(value, "gateway")
    if name is None or not name.strip():
        return default
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise Refused("bad_field", "the field gateway is not a short name of letters, digits, dot, hyphen, underscore")
    return name


def sms_messages(document: Any, now: int) -> Parsed:
    """The messages of one JSON object or a list of them; bad ones of a list are set aside."""
    if not isinstance(document, dict | list):
        raise Refused("malformed", "the body is neither a JSON object nor a list")
    if document == []:
        raise Refused("missing_field", "the list is empty")

    def read(found: Any, parsed: Parsed) -> None:
        fields.add(parsed, sms_message(found, now))

    return fields.read_each(document if isinstance(document, list) else [document], read)
