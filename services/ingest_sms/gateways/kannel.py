"""Kannel: messages by the get-url or post-url of an sms-service (https://www.kannel.org/userguide.shtml).

The names of the parameters are the operator's own choice. Meant for
get-url = ".../v1/sms/kannel?backend=%i&sender=%p&to=%P&message=%b&charset=%C&ts=%T&id=%I"; the names that other
systems suggest are read too. Nothing is signed.
"""

from services.ingest_sms import fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Answer, Parsed, Refused, Request
from services.ingest_sms.timestamps import any_ms

_SENDER = ("sender", "from", "phone", "msisdn", "source")
_RECIPIENT = ("to", "receiver", "recipient", "shortcode", "destination")
_TEXT = ("message", "text", "content", "body")
_TIME = ("ts", "timestamp", "time", "sent_at")
_ID = ("id", "smsid", "message_id")
_KEPT = ("backend", "smsc", "smsc-id", "service", "coding", "account")
_RECEIPT_FIELDS = frozenset({"status", "dlr", "dlrvalue", "type", "answer"})


def parse(request: Request, now: int) -> Parsed:
    """One message by GET or POST; ts is %T (Unix seconds) or %t (YYYY-MM-DD HH:MM:SS, UTC)."""
    raw: dict[str, bytes] = {}
    pairs = fields.query_pairs(request)
    if request.body and request.media_type != "text/plain":
        pairs += fields.form_pairs(request.body)
    for name, value in pairs:
        raw.setdefault(fields.text_of(name, "utf-8", "name").lower(), value)
    parsed = Parsed()
    texts = [name for name in _TEXT if name in raw]
    if not texts and request.media_type == "text/plain" and request.body:
        raw["message"] = request.body  # post-url sends the text alone as the body
        texts = ["message"]
    if not texts and _RECEIPT_FIELDS & raw.keys():
        parsed.ignore("delivery_receipt")
        return parsed
    content = raw.pop(texts[0]) if texts else None
    found = {name: fields.text_of(value, "utf-8", name) for name, value in raw.items() if name not in _TEXT}
    sender = fields.required(found, *_SENDER)
    if content is None:
        raise Refused("missing_field", "the field message is missing")
    when = fields.optional(found, *_TIME)
    message = fields.message(
        "kannel",
        message_id=fields.optional(found, *_ID),
        sender=sender,
        recipient=fields.optional(found, *_RECIPIENT),
        text=fields.text_of(content, found.get("charset") or fields.charset(request), "message"),
        sent_at=any_ms(when) if when else None,
        now=now,
        attributes=fields.attributes(found, _KEPT),
    )
    fields.add(parsed, message)
    return parsed


GATEWAY = Gateway(
    "kannel",
    parse,
    answer=Answer(b"", "text/plain"),  # what is answered would be sent to the customer as an SMS
    methods=("GET", "POST"),
    example=Example(
        "backend=NIG_MTN&sender=%2B2348031234567&to=24453&message=Network+no+dey+for+Ikeja&ts=1772431485&id=asdf-1"
    ),
)
