"""Vonage: the SMS API (GET or POST, form or JSON) and the Messages API (JSON), for SMS and WhatsApp.

https://developer.vonage.com/messaging/sms/guides/inbound-sms. A long SMS comes in parts, one request each: they are
marked with part_reference, part_number and part_count, and joined later. A webhook is tried for 24 hours until it is
answered with 2xx. Delivery receipts may come to the same address.
"""

import base64
import binascii
import hashlib
from typing import Any

from services.ingest_sms import fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Parsed, Refused, Request
from services.ingest_sms.signatures import Credentials, any_same, check, check_age, hmac_digests, needed, same
from services.ingest_sms.timestamps import any_ms, epoch_ms, iso_ms

_KEPT = ("type", "keyword", "network-code", "country-code", "api-key", "message_type", "channel", "client_ref")
_RECEIPT_FIELDS = frozenset({"status", "err-code", "scts"})
_HMAC_METHODS = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}


def verify(request: Request, credentials: Credentials, now: int) -> None:
    """Check the sig parameter (SMS API), or the signed bearer token (Messages API), and the age of what was signed."""
    if request.header("authorization").lower().startswith("bearer "):
        _verify_token(request, credentials, now)
        return
    found = fields.of(request)
    given = needed(fields.string(found.get("sig"), "sig") or "", "parameter sig").strip().lower()
    check(any_same(_signatures(found, credentials.secret, credentials.method, len(given)), given))
    if found.get("timestamp") and credentials.max_age_ms:
        check_age(epoch_ms(fields.required(found, "timestamp")), now, credentials.max_age_ms)


def _signatures(found: dict[str, Any], secret: str, method: str, length: int) -> list[str]:
    """Signatures that would be right: of the pinned method, or of every method whose digest has this length."""
    signed = "".join(
        f"&{name}={(fields.string(found[name], name) or '').replace('&', '_').replace('=', '_')}"
        for name in sorted(found)
        if name != "sig"
    )
    expected = []
    if method in ("", "md5hash"):
        expected.append(hashlib.md5(f"{signed}{secret}".encode()).hexdigest())  # noqa: S324 - the vendor's own scheme
    for name, algorithm in _HMAC_METHODS.items():
        if method in ("", name):
            expected.append(hmac_digests(secret, signed.encode(), algorithm)[0])
    return [digest for digest in expected if len(digest) == length]


def _verify_token(request: Request, credentials: Credentials, now: int) -> None:
    """A JWT (RFC 7519) signed with HS256, with the SHA-256 of the body in payload_hash."""
    token = request.header("authorization").split(None, 1)[1].strip()
    signed, _, signature = token.rpartition(".")
    expected = base64.urlsafe_b64encode(
        base64.b64decode(hmac_digests(credentials.secret, signed.encode(), "sha256")[1])
    ).rstrip(b"=")
    check(same(expected, signature))
    header, claims = (_json_part(part) for part in (*signed.split("."), "", "")[:2])
    check(header.get("alg") == "HS256")
    digest = claims.get("payload_hash")
    if digest is not None:
        check(isinstance(digest, str) and same(hashlib.sha256(request.body).hexdigest(), digest.lower()))
    elif request.body:
        check(False)
    if credentials.max_age_ms:
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int | float):
            raise Refused("bad_signature", "the token does not say when it was issued", 401)
        check_age(epoch_ms(issued), now, credentials.max_age_ms)
        check(not isinstance(expires, int | float) or epoch_ms(expires) >= now)


def _json_part(part: str) -> dict[str, Any]:
    try:
        document = fields.json_of(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, Refused):
        document = None
    if not isinstance(document, dict):
        check(False)
    return document or {}


def parse(request: Request, now: int) -> Parsed:
    """One message or part: msisdn, to, messageId, text, message-timestamp (UTC), concat-*; or a Messages API object."""
    found = fields.of(request)
    if "message_uuid" in found:
        return _messages_api(found, now)
    parsed = Parsed()
    if "text" not in found and "data" not in found:
        if _RECEIPT_FIELDS & found.keys():
            parsed.ignore("delivery_receipt")
            return parsed
        if "msisdn" not in found and "messageId" not in found:
            parsed.ignore("unknown_event")  # an empty request is how Vonage tries an address
            return parsed
    sender = fields.required(found, "msisdn")
    if (fields.optional(found, "type") or "").lower() == "binary":
        parsed.ignore("unknown_event")
        return parsed
    text = fields.string(found.get("text"), "text")
    if text is None:
        raise Refused("missing_field", "the field text is missing")
    message = fields.message(
        "vonage",
        message_id=fields.required(found, "messageId", "message-id"),
        sender=sender,
        recipient=fields.optional(found, "to"),
        text=text,
        sent_at=_time(found),
        now=now,
        attributes={**fields.attributes(found, _KEPT), **_part(found)},
    )
    if "part_reference" in message["attributes"]:
        parsed.messages.append(message)  # a part may be blank: it still counts for the whole
    else:
        fields.add(parsed, message)
    return parsed


def _time(found: dict[str, Any]) -> int | None:
    when = fields.optional(found, "message-timestamp")
    if when:
        return iso_ms(when)
    seconds = fields.optional(found, "timestamp")
    return epoch_ms(seconds) if seconds else None


def _part(found: dict[str, Any]) -> dict[str, str]:
    if str(found.get("concat")).lower() != "true":
        return {}
    reference = fields.required(found, "concat-ref")
    number, count = (fields.required(found, name) for name in ("concat-part", "concat-total"))
    if not all(text.isascii() and text.isdigit() and 1 <= int(text) <= 255 for text in (number, count)):
        raise Refused("bad_field", "concat-part or concat-total is not a number from 1 to 255")
    if int(number) > int(count):
        raise Refused("bad_field", "concat-part is beyond concat-total")
    return {"part_reference": reference, "part_number": str(int(number)), "part_count": str(int(count))}


def _messages_api(found: dict[str, Any], now: int) -> Parsed:
    parsed = Parsed()
    if "status" in found:
        parsed.ignore("delivery_receipt")
        return parsed
    old = found.get("message")
    content = old.get("content") if isinstance(old, dict) else None  # version 0.1 nests the text and the addresses
    text = fields.string(found.get("text"), "text")
    if text is None and isinstance(content, dict):
        text = fields.string(content.get("text"), "text")
    kept = fields.attributes(found, _KEPT)
    media = _media(found)
    if media:
        kept["media_count"] = "1"
        kept.update(fields.attributes({"url": media.get("url")}, ["url"]))
        text = text if text is not None else fields.string(media.get("caption"), "caption") or ""
    if text is None:
        raise Refused("missing_field", "the field text is missing")
    sender, channel = _address(found, "from")
    if channel:
        kept["channel"] = channel
    when = found.get("timestamp")
    message = fields.message(
        "vonage",
        message_id=fields.required(found, "message_uuid"),
        sender=sender,
        recipient=_address(found, "to")[0],
        text=text,
        sent_at=any_ms(when) if when else None,
        now=now,
        attributes=kept,
    )
    fields.add(parsed, message)
    return parsed


def _media(found: dict[str, Any]) -> dict[str, Any]:
    for name in ("image", "video", "audio", "file", "vcard"):
        if isinstance(found.get(name), dict):
            return dict(found[name])
    return {}


def _address(found: dict[str, Any], name: str) -> tuple[str, str]:
    """A number and the channel, where the address names one (version 0.1)."""
    value = found.get(name)
    if isinstance(value, dict):
        return fields.required(value, "number", "id"), fields.optional(value, "type") or ""
    return fields.required(found, name), ""


GATEWAY = Gateway(
    "vonage",
    parse,
    verify,
    methods=("POST", "GET"),
    signed=True,
    example=Example(
        '{"msisdn":"2348031234567","to":"2347000000000","messageId":"0A0000000123ABCD1","type":"text",'
        '"text":"No 4G in Ibadan since yesterday","keyword":"NO","message-timestamp":"2026-03-02 12:00:00"}',
        "application/json",
    ),
)
