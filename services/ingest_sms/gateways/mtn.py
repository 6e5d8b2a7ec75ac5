"""MTN's messaging API: incoming messages as JSON; the id is null, so identity falls back on sender, text and minute.

Delivery notifications come to the same address.
"""

from typing import Any

from services.ingest_sms import fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Parsed, Refused, Request
from services.ingest_sms.timestamps import any_ms

_KEPT = ("clientCorrelator", "submittedDate", "serviceCode", "keyword")


def parse(request: Request, now: int) -> Parsed:
    """One message, or a list of them: senderAddress, receiverAddress, message, created (ms), id (mostly null)."""
    document = fields.json_of(request.body) if fields.has_json(request) else fields.of(request)

    def read(found: Any, parsed: Parsed) -> None:
        if not isinstance(found, dict):
            raise Refused("malformed", "the body is neither a JSON object nor a list of them")
        if "message" not in found and "senderAddress" not in found:
            if "deliveryStatus" in found:
                parsed.ignore("delivery_receipt")
                return
            if "subscriberId" in found:
                parsed.ignore("unknown_event")
                return
        created = found.get("created")
        sender = fields.required(found, "senderAddress")
        text = fields.string(found.get("message"), "message")
        if text is None:
            raise Refused("missing_field", "the field message is missing")
        message = fields.message(
            "mtn",
            message_id=fields.optional(found, "id"),
            sender=sender,
            recipient=fields.optional(found, "receiverAddress"),
            text=text,
            sent_at=any_ms(created) if created not in (None, "") else None,
            now=now,
            attributes=fields.attributes(found, _KEPT),
        )
        fields.add(parsed, message)

    return fields.read_each(document if isinstance(document, list) else [document], read)


GATEWAY = Gateway(
    "mtn",
    parse,
    items=(),
    example=Example(
        '{"id":null,"senderAddress":"2348031234567","receiverAddress":"2020",'
        '"message":"My data finished in one hour","created":1772431485000,"submittedDate":null}',
        "application/json",
    ),
)
