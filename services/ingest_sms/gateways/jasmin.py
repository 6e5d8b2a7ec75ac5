"""Jasmin: messages pushed by its HTTP thrower as a POST form (https://docs.jasminsms.com/en/latest/apis/http).

content holds the short message's own bytes: GSM 7-bit for coding 0, UCS-2 for 8. Jasmin repeats a message until it
is answered "ACK/Jasmin", delivery receipts included. Nothing is signed.
"""

import binascii

from services.ingest_sms import fields
from services.ingest_sms.data_coding import decode, is_binary
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Answer, Parsed, Refused, Request
from services.ingest_sms.timestamps import any_ms

_KEPT = ("origin-connector", "priority", "validity")
_RECEIPT_FIELDS = frozenset({"message_status", "dlvrd", "err", "level"})


def parse(request: Request, now: int) -> Parsed:
    """One message: content or binary (hex), coding, from, to, id. Jasmin names them in either case."""
    raw: dict[str, bytes] = {}
    for name, value in (*fields.form_pairs(request.body), *fields.query_pairs(request)):
        raw.setdefault(fields.text_of(name, "utf-8", "name").lower(), value)
    parsed = Parsed()
    if "from" not in raw and _RECEIPT_FIELDS & raw.keys():
        parsed.ignore("delivery_receipt")
        return parsed
    content = raw.pop("content", None)
    hexadecimal = raw.pop("binary", None)
    found = {name: fields.text_of(value, "utf-8", name) for name, value in raw.items()}
    sender = fields.required(found, "from")
    recipient = fields.required(found, "to")
    message_id = fields.required(found, "id")
    data = _content(content, hexadecimal)
    coding = _coding(found)
    if is_binary(coding):
        parsed.ignore("unknown_event")
        return parsed
    message = fields.message(
        "jasmin",
        message_id=message_id,
        sender=sender,
        recipient=recipient,
        text=decode(data, coding),
        sent_at=any_ms(found["sent_at"]) if found.get("sent_at") else None,
        now=now,
        attributes=fields.attributes(found, _KEPT),
    )
    fields.add(parsed, message)
    return parsed


def _content(content: bytes | None, hexadecimal: bytes | None) -> bytes:
    if content is not None and (content or not hexadecimal):
        return content
    if hexadecimal is None:
        raise Refused("missing_field", "the field content is missing")
    try:
        return binascii.unhexlify(hexadecimal)
    except binascii.Error as error:
        raise Refused("bad_field", "the field binary is not hexadecimal") from error


def _coding(found: dict[str, str]) -> int:
    text = found.get("coding") or "0"
    if not text.isascii() or not text.isdigit() or int(text) > 255:
        raise Refused("bad_field", "the field coding is not a number from 0 to 255")
    return int(text)


GATEWAY = Gateway(
    "jasmin",
    parse,
    answer=Answer(b"ACK/Jasmin", "text/plain"),
    methods=("POST", "GET"),
    example=Example("content=No+network+here&coding=0&from=2348031234567&to=2020&id=1001&origin-connector=mtn-ng"),
)
