"""Africa's Talking: incoming messages as a POST form (https://developers.africastalking.com/docs/sms/notifications).

The same callback may get delivery reports, opt-outs and subscription notices. Nothing is signed; it wants a plain 200.
"""

from services.ingest_sms import fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Parsed, Refused, Request
from services.ingest_sms.timestamps import iso_ms

_KEPT = ("linkId", "networkCode", "cost")


def parse(request: Request, now: int) -> Parsed:
    """One message: id, from, to, text, date (UTC, with or without zone, seconds always there)."""
    found = fields.of(request)
    parsed = Parsed()
    if "text" not in found and "from" not in found:
        if "status" in found:
            parsed.ignore("delivery_receipt")
            return parsed
        if "phoneNumber" in found:  # opted out, or subscribed to a short code
            parsed.ignore("unknown_event")
            return parsed
    sender = fields.required(found, "from")
    text = fields.string(found.get("text"), "text")
    if text is None:
        raise Refused("missing_field", "the field text is missing")
    date = fields.optional(found, "date")
    message = fields.message(
        "africastalking",
        message_id=fields.required(found, "id"),
        sender=sender,
        recipient=fields.optional(found, "to"),
        text=text,
        sent_at=iso_ms(date, seconds_needed=True) if date else None,
        now=now,
        attributes=fields.attributes(found, _KEPT),
    )
    fields.add(parsed, message)
    return parsed


GATEWAY = Gateway(
    "africastalking",
    parse,
    example=Example(
        "linkId=SampleLinkId123&text=No+network+in+Surulere+since+morning&to=21512"
        "&id=ec9adc86-0000-4000-8000-8ab0bb53dc31&date=2026-03-02T06%3A04%3A45Z&from=%2B2348031234567"
    ),
)
