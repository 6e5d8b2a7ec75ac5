"""Any other gateway or producer: SmsMessage's own fields as JSON; or a mapping (services/ingest_sms/mapping.py)."""

from services.ingest_sms import direct, fields
from services.ingest_sms.gateway import Example, Gateway
from services.ingest_sms.request import Parsed, Refused, Request
from services.ingest_sms.signatures import Credentials, check_api_key


def verify(request: Request, credentials: Credentials, now: int) -> None:
    """Check the API key."""
    del now
    check_api_key(request, credentials.secret)


def parse(request: Request, now: int) -> Parsed:
    """One message or a list of them; a form with the same names is read too."""
    if not request.body:
        raise Refused("malformed", "the request has no body")
    is_form = request.media_type == "application/x-www-form-urlencoded"
    return direct.sms_messages(fields.parameters(request) if is_form else fields.json_of(request.body), now)


GATEWAY = Gateway(
    "generic",
    parse,
    verify,
    items=(),
    example=Example(
        '{"message_id":"1001","sender":"+2348031234567","recipient":"2020",'
        '"text":"Network no dey for Surulere since yesterday","sent_at":"2026-03-02T10:51:03Z"}',
        "application/json",
    ),
)
