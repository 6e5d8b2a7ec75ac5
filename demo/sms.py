"""SMS in the form in which each gateway, or a producer of its own, hands them over."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from demo.deliveries import BRAND, Call, Delivery, Occasion, TopicRecord
from demo.messages import Sms
from demo.moments import lagos
from services.runtime.codec import Codec

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def africastalking(sms: Sms, occasion: Occasion) -> Call:
    """Africa's Talking posts a form; its date is UTC without a zone."""
    form = {
        "linkId": str(occasion.uuid(sms).int % 10**12),
        "text": sms.text,
        "to": "21512",
        "id": str(occasion.uuid(sms)),
        "date": utc(occasion.at(sms)),
        "from": sms.number,
    }
    return Call(sms.origin, f"{occasion.sms_url}/v1/sms/africastalking", urlencode(form).encode(), FORM)


def twilio(sms: Sms, occasion: Occasion) -> Call:
    """Twilio posts a form that it signs; it tells no time."""
    url = f"{occasion.sms_url}/v1/sms/twilio"
    form = {
        "MessageSid": f"SM{occasion.uuid(sms).hex}",
        "AccountSid": f"AC{0:032}",
        "From": sms.number,
        "To": BRAND,
        "Body": sms.text,
        "NumMedia": "0",
        "NumSegments": str(len(sms.text) // 153 + 1),
        "SmsStatus": "received",
        "FromCountry": "NG",
        "ApiVersion": "2010-04-01",
    }
    headers = FORM | {"x-twilio-signature": twilio_signature(occasion.twilio_token, url, form)}
    return Call(sms.origin, url, urlencode(form).encode(), headers)


def twilio_signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Base64 of HMAC-SHA1 over the URL and the form's names and values, sorted by name.

    https://www.twilio.com/docs/usage/security
    """
    signed = url + "".join(name + value for name, value in sorted(form.items()))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


def generic(sms: Sms, occasion: Occasion) -> Call:
    """SmsMessage's own fields as JSON."""
    body = json.dumps(_json(sms, occasion, "generic"), ensure_ascii=False).encode()
    return Call(sms.origin, f"{occasion.sms_url}/v1/sms/generic", body, JSON)


def json_record(sms: Sms, occasion: Occasion) -> TopicRecord:
    """A producer that writes JSON to ingest.sms and gives its messages no ids."""
    message = _json(sms, occasion, "ussd-menu") | {"message_id": None}
    return TopicRecord(sms.origin, "ingest.sms", json.dumps(message, ensure_ascii=False).encode())


def avro_record(sms: Sms, occasion: Occasion, codec: Codec) -> TopicRecord:
    """A producer that writes Avro in the Confluent wire format to ingest.sms."""
    message = {
        "message_id": str(occasion.uuid(sms)),
        "sender": sms.number,
        "recipient": BRAND,
        "text": sms.text,
        "sent_at": occasion.at(sms),
        "gateway": "retail-app",
        "attributes": {"app_version": "4.2"},
    }
    return TopicRecord(sms.origin, "ingest.sms", codec.encode("SmsMessage", message))


def delivery(sms: Sms, occasion: Occasion) -> Delivery:
    """A message of the file that holds several ways, delivered in its own."""
    return WAYS[sms.via](sms, occasion)


WAYS: dict[str, Callable[[Sms, Occasion], Delivery]] = {
    "africastalking": africastalking,
    "twilio": twilio,
    "generic": generic,
    "topic": json_record,
}


def utc(at: int) -> str:
    """A moment as 2026-03-02 06:04:45, UTC."""
    return lagos(at).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _json(sms: Sms, occasion: Occasion, gateway: str) -> dict[str, Any]:
    return {
        "message_id": str(occasion.uuid(sms)),
        "sender": sms.sender,
        "recipient": "131",
        "text": sms.text,
        "sent_at": lagos(occasion.at(sms)).isoformat(timespec="seconds"),
        "gateway": gateway,
    }
