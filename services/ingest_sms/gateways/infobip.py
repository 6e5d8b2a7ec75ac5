"""Infobip: incoming SMS, MMS and WhatsApp messages as batches in JSON (https://www.infobip.com/docs/api).

One request carries results[], in any of the forms that its APIs have used. Delivery and seen reports come in the same
frame. A subscription authenticates itself by Basic login, bearer token (OAuth), or an HMAC of the body.
"""

from typing import Any

from services.ingest_sms import fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Parsed, Refused, Request
from services.ingest_sms.signatures import Credentials, any_same, check, check_basic, check_bearer, hmac_digests, needed
from services.ingest_sms.timestamps import any_ms

SIGNATURE_HEADERS = ("x-infobip-signature", "x-signature", "x-hmac-signature", "x-hub-signature-256", "x-hub-signature")
_ALGORITHMS = ("sha256", "sha512", "sha1")
_KEPT = (
    "keyword", "smsCount", "callbackData", "pairedMessageId", "integrationType", "applicationId",
    "entityId", "mmsCount", "campaignReferenceId", "platform",
)  # fmt: skip
_REPORT_FIELDS = frozenset({"doneAt", "seenAt", "sentAt", "error"})


def verify(request: Request, credentials: Credentials, now: int) -> None:
    """Check the Authorization header where there is one, else the HMAC of the body (sha256 or others)."""
    del now
    scheme = request.header("authorization").partition(" ")[0].lower()
    if scheme == "basic":
        check_basic(request, credentials.secret)
    elif scheme == "bearer":
        check_bearer(request, credentials.secret)
    else:
        found = next((request.header(name) for name in SIGNATURE_HEADERS if request.header(name)), "")
        given = needed(found, "Authorization or X-Infobip-Signature header").strip()
        given = given.partition("=")[2] if given.startswith(("sha1=", "sha256=", "sha512=")) else given
        algorithms = (credentials.method,) if credentials.method in _ALGORITHMS else _ALGORITHMS
        expected = [d for name in algorithms for d in hmac_digests(credentials.secret, request.body, name)]
        check(any_same(expected, given))


def parse(request: Request, now: int) -> Parsed:
    """The messages of results[]; an item with a status is a report."""
    document = fields.json_of(request.body)
    if not isinstance(document, dict):
        raise Refused("malformed", "the body is not a JSON object")
    results = document.get("results")
    if not isinstance(results, list):
        raise Refused("missing_field", "the field results is missing")
    return fields.read_each(results, lambda item, parsed: _read(item, parsed, now))


def _read(item: Any, parsed: Parsed, now: int) -> None:
    if not isinstance(item, dict):
        raise Refused("bad_field", "an entry of results is not an object")
    has_content = any(name in item for name in ("text", "message", "content"))
    if "status" in item or (not has_content and _REPORT_FIELDS & item.keys()):
        parsed.ignore("delivery_receipt")
        return
    kept = fields.attributes(item, _KEPT)
    text = _text(item, kept)
    channel = str(item.get("integrationType") or item.get("channel") or "").lower()
    if channel.startswith("whatsapp"):
        kept["channel"] = "whatsapp"
    sender = fields.required(item, "from", "sender")
    when = item.get("receivedAt") or item.get("sentAt")
    message = fields.message(
        "infobip",
        message_id=fields.optional(item, "messageId"),
        sender=sender,
        recipient=fields.optional(item, "to", "destination"),
        text=text,
        sent_at=any_ms(when) if when else None,
        now=now,
        attributes=kept,
    )
    fields.add(parsed, message)


def _text(item: dict[str, Any], kept: dict[str, str]) -> str:
    """The text of text, of message{type, text} (WhatsApp), or of message[] or content[] (MMS and newer APIs)."""
    text = fields.string(item.get("text"), "text")
    if text is not None:
        return text
    name = "message" if item.get("message") is not None else "content"
    content = item.get(name)
    if isinstance(content, str):
        return fields.string(content, name) or ""
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise Refused("missing_field", "the field text is missing")
    lines = []
    media = 0
    for part in content:
        if not isinstance(part, dict):
            raise Refused("bad_field", f"a part of {name} is not an object")
        if part.get("url"):
            media += 1
            kept.update(fields.attributes({f"url{media}": part["url"]}, [f"url{media}"]))
        kind = str(part.get("contentType") or "text").lower()
        if not part.get("url") and kind.startswith(("text", "application/json")):
            value = fields.optional(part, "text", "value", "caption", "body", "title")
        else:
            value = fields.optional(part, "caption", "text")
        if value is not None:
            lines.append(value)
    if media:
        kept["media_count"] = str(media)
    return "\n".join(lines)


GATEWAY = Gateway(
    "infobip",
    parse,
    verify,
    signed=True,
    items=("results",),
    example=Example(
        '{"results":[{"messageId":"0191e180-0000-7000-8000-7d8b151cbd5b","from":"2348031234567","to":"2347000000000",'
        '"text":"NETWORK bad for Yaba","cleanText":"bad for Yaba","keyword":"NETWORK",'
        '"receivedAt":"2026-03-02T09:28:39.220+0000","smsCount":1}],"messageCount":1,"pendingMessageCount":0}',
        "application/json",
    ),
)
