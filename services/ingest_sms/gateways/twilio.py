"""Twilio: SMS and WhatsApp messages as a form, by POST or GET; Event Streams as JSON (CloudEvents).

https://www.twilio.com/docs/messaging/guides/webhook-request and https://www.twilio.com/docs/usage/security. Twilio
gives no time: the time of receipt stands in. Status callbacks of sent messages may come to the same address.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from services.ingest_sms import fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Answer, Parsed, Refused, Request
from services.ingest_sms.signatures import Credentials, any_same, check, hmac_digests, needed, same
from services.ingest_sms.timestamps import any_ms

_KEPT = (
    "AccountSid", "MessagingServiceSid", "NumSegments", "FromCity", "FromState", "FromZip", "FromCountry",
    "ProfileName", "WaId", "ButtonText", "ButtonPayload", "Latitude", "Longitude", "Address", "Label",
    "OriginalRepliedMessageSid", "ReferralBody", "Forwarded",
)  # fmt: skip
_INBOUND_EVENT = "com.twilio.messaging.inbound-message.received"
_MAX_MEDIA = 10


def verify(request: Request, credentials: Credentials, now: int) -> None:
    """Check X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and the sorted fields of the form.

    The port counts or not, depending on Twilio's own version, so the URL is tried with and without it. A JSON body is
    signed by its SHA-256 in the query parameter bodySHA256.
    """
    del now
    given = needed(request.header("x-twilio-signature"), "X-Twilio-Signature header").strip()
    names = dict(fields.query_pairs(request))
    fields_signed = b""
    if b"bodySHA256" in names:
        digest = hashlib.sha256(request.body).hexdigest()
        check(same(digest, names[b"bodySHA256"].lower()))
    elif request.body and not fields.has_json(request):
        fields_signed = b"".join(name + value for name, value in sorted(set(fields.form_pairs(request.body))))
    elif request.body:
        check(False)
    signed = [
        hmac_digests(credentials.secret, url.encode("utf-8", "surrogateescape") + fields_signed, "sha1")[1]
        for url in _urls(request, credentials.public_url)
    ]
    check(any_same(signed, given))


def _urls(request: Request, public_url: str) -> list[str]:
    parts = urlsplit(request.url)
    if parts.netloc:
        bases = [request.url]
    elif public_url:
        bases = [public_url.rstrip("/") + request.url]
    else:
        host = request.header("x-forwarded-host") or request.header("host")
        schemes = [request.header("x-forwarded-proto")] if request.header("x-forwarded-proto") else ["https", "http"]
        bases = [f"{scheme}://{host}{request.url}" for scheme in schemes]
    urls = []
    for base in bases:
        parts = urlsplit(base)
        login, at, _ = parts.netloc.rpartition("@")
        name = login + at + (f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or "")
        standard = 443 if parts.scheme == "https" else 80
        urls += [base, urlunsplit(parts._replace(netloc=name)), urlunsplit(parts._replace(netloc=f"{name}:{standard}"))]
    return urls


def parse(request: Request, now: int) -> Parsed:
    """One message of a form, or the inbound messages of a batch of CloudEvents."""
    if request.body and fields.has_json(request):
        return _events(fields.json_of(request.body), now)
    found = fields.of(request)
    parsed = Parsed()
    status = (fields.optional(found, "MessageStatus", "SmsStatus") or "").lower()
    if "Body" not in found and "NumMedia" not in found and status not in ("", "received", "receiving"):
        parsed.ignore("delivery_receipt")
        return parsed
    if "MessageStatus" in found and status != "received":
        parsed.ignore("delivery_receipt")
        return parsed
    message_id = fields.required(found, "MessageSid", "SmsMessageSid", "SmsSid")
    kept = fields.attributes(found, _KEPT)
    kept.update(_media(found))
    sender = fields.required(found, "From")
    if sender.startswith("whatsapp:"):
        kept["channel"] = "whatsapp"
    text = fields.string(found.get("Body"), "Body")
    if text is None and "media_count" not in kept and "Latitude" not in kept:
        raise Refused("missing_field", "the field Body is missing")
    message = fields.message(
        "twilio",
        message_id=message_id,
        sender=sender,
        recipient=fields.optional(found, "To"),
        text=text or "",
        sent_at=None,
        now=now,
        attributes=kept,
    )
    fields.add(parsed, message)
    return parsed


def _media(found: dict[str, Any]) -> dict[str, str]:
    count = fields.optional(found, "NumMedia") or "0"
    if not count.isascii() or not count.isdigit() or int(count) == 0:
        return {}
    names = [f"{name}{n}" for n in range(min(int(count), _MAX_MEDIA)) for name in ("MediaUrl", "MediaContentType")]
    return {"media_count": str(int(count)), **fields.attributes(found, names)}


def _events(document: Any, now: int) -> Parsed:
    def read(event: Any, parsed: Parsed) -> None:
        if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
            raise Refused("malformed", "the body is not a list of CloudEvents")
        if event.get("type") != _INBOUND_EVENT:
            is_receipt = str(event.get("type")).startswith("com.twilio.messaging.message.")
            parsed.ignore("delivery_receipt" if is_receipt else "unknown_event")
            return
        found = event["data"]
        when = found.get("timestamp") or event.get("time")
        sender = fields.required(found, "from")
        message = fields.message(
            "twilio",
            message_id=fields.required(found, "messageSid", "sid"),
            sender=sender,
            recipient=fields.optional(found, "to"),
            text=fields.string(found.get("body"), "body") or "",
            sent_at=any_ms(when) if when else None,
            now=now,
            attributes={
                **fields.attributes(found, ("accountSid", "numSegments", "profileName")),
                **({"channel": "whatsapp"} if sender.startswith("whatsapp:") else {}),
                **({"media_count": str(found["numMedia"])} if found.get("numMedia") else {}),
            },
        )
        fields.add(parsed, message)

    return fields.read_each(document if isinstance(document, list) else [document], read)


GATEWAY = Gateway(
    "twilio",
    parse,
    verify,
    answer=Answer(b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>', "text/xml"),
    methods=("POST", "GET"),
    signed=True,
    items=(),
    example=Example(
        "MessageSid=SM00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000000"
        "&From=%2B2348031234567&To=%2B2347000000000&Body=I+recharged+1000+naira+and+got+nothing"
        "&NumMedia=0&NumSegments=1&SmsStatus=received&ApiVersion=2010-04-01"
    ),
)
