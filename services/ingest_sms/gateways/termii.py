"""Termii: incoming messages as JSON (https://developer.termii.com/incoming).

Delivery reports and device notices come to the same address. X-Termii-Signature is the HMAC-SHA512 of the body as
received, under the account's secret key.
"""

from services.ingest_sms import fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Parsed, Refused, Request
from services.ingest_sms.signatures import Credentials, any_same, check, hmac_digests, needed
from services.ingest_sms.timestamps import any_ms

_KEPT = ("id", "channel", "cost", "status")
_MESSAGE_FIELDS = frozenset({"message", "sender", "receiver"})


def verify(request: Request, credentials: Credentials, now: int) -> None:
    """Check X-Termii-Signature, hex or base64."""
    del now
    given = needed(request.header("x-termii-signature"), "X-Termii-Signature header").strip()
    hexadecimal, base64 = hmac_digests(credentials.secret, request.body, "sha512")
    check(any_same([hexadecimal, base64], given.lower() if len(given) == len(hexadecimal) else given))


def parse(request: Request, now: int) -> Parsed:
    """One message where type is inbound (or the status Received); anything else is a report or a notice."""
    found = fields.of(request)
    parsed = Parsed()
    kind = (fields.optional(found, "type") or "").lower()
    status = (fields.optional(found, "status", "command") or "").lower()
    if kind != "inbound" and status != "received":
        if not kind and not status:
            raise Refused("missing_field", "the field type is missing")
        is_report = kind in ("message_delivery_report", "outbound") or _MESSAGE_FIELDS & found.keys()
        parsed.ignore("delivery_receipt" if is_report else "unknown_event")
        return parsed
    when = next((found[name] for name in ("received_at", "sent_at", "created_at") if found.get(name)), None)
    sender = fields.required(found, "sender")
    text = fields.string(found.get("message"), "message")
    if text is None:
        raise Refused("missing_field", "the field message is missing")
    message = fields.message(
        "termii",
        message_id=fields.optional(found, "message_id", "id"),
        sender=sender,
        recipient=fields.optional(found, "receiver"),
        text=text,
        sent_at=any_ms(when) if when else None,
        now=now,
        attributes=fields.attributes(found, _KEPT),
    )
    fields.add(parsed, message)
    return parsed


GATEWAY = Gateway(
    "termii",
    parse,
    verify,
    signed=True,
    example=Example(
        '{"type":"inbound","id":"8248611476370959318","message_id":"3905204342778053556","receiver":"12022214836",'
        '"sender":"2348031234567","message":"You people deducted my 500 naira twice",'
        '"received_at":"2026-03-02T10:51:03.000000Z","cost":null,"status":"Received","channel":"generic"}',
        "application/json",
    ),
)
