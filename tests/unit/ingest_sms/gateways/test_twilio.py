"""Twilio: SMS, WhatsApp, media, status callbacks, Event Streams and signatures."""

import base64
import hashlib
import hmac
from typing import Any

import pytest

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Refused, Request
from services.ingest_sms.signatures import Credentials
from tests.unit.ingest_sms.requests import NOW, form, get, json_request, only, parse, refusal

VALID = {
    "ToCountry": "US",
    "SmsMessageSid": "SMe287",
    "NumMedia": "0",
    "SmsStatus": "received",
    "FromCity": "CHICOPEE",
    "Body": "Data finished",
    "To": "+12028831111",
    "NumSegments": "1",
    "MessageSid": "SMe287",
    "AccountSid": "AC1",
    "From": "+14133881111",
    "ApiVersion": "2010-04-01",
}
URL = "https://sms.example.ng/v1/sms/twilio?a=b"
TOKEN = "12345"


def sign(url: str, fields: dict[str, str], token: str = TOKEN) -> str:
    data = url + "".join(k + v for k, v in sorted(fields.items()))
    return base64.b64encode(hmac.digest(token.encode(), data.encode(), "sha1")).decode()


def verify(request: Request, **options: Any) -> None:
    GATEWAYS["twilio"].verify(request, Credentials(TOKEN, **options), NOW)


def test_reads_an_sms() -> None:
    message = only("twilio", form(VALID))
    assert (message["message_id"], message["sender"], message["recipient"]) == ("SMe287", VALID["From"], VALID["To"])
    assert (message["text"], message["sent_at"]) == ("Data finished", NOW)
    assert message["attributes"] == {
        "AccountSid": "AC1",
        "NumSegments": "1",
        "FromCity": "CHICOPEE",
        "imputed": "occurred_at",
    }


def test_reads_an_sms_by_get() -> None:
    assert only("twilio", get(VALID))["text"] == "Data finished"


def test_marks_whatsapp() -> None:
    message = only("twilio", form(VALID | {"From": "whatsapp:+14133881111", "To": "whatsapp:+12028831111"}))
    assert message["sender"] == "whatsapp:+14133881111"
    assert message["attributes"]["channel"] == "whatsapp"


def test_keeps_a_message_that_is_only_media() -> None:
    fields = {k: v for k, v in VALID.items() if k != "Body"} | {"NumMedia": "2", "MediaUrl0": "u0", "MediaUrl1": "u1"}
    message = only("twilio", form(fields))
    assert message["text"] == ""
    assert message["attributes"]["media_count"] == "2"
    assert message["attributes"]["MediaUrl1"] == "u1"


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": "SM1", "MessageStatus": "delivered"},
        {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21610", "To": "+1"},
        {"SmsStatus": "sent", "MessageStatus": "sent", "To": "2021", "MessageSid": "SM0", "From": "+1413"},
    ],
)
def test_ignores_status_callbacks(fields: dict[str, str]) -> None:
    assert parse("twilio", form(fields)).ignored == {"delivery_receipt": 1}


def test_ignores_an_empty_message() -> None:
    assert parse("twilio", form(VALID | {"Body": ""})).ignored == {"empty": 1}


@pytest.mark.parametrize("missing", ["From", "Body"])
def test_refuses_a_message_without(missing: str) -> None:
    assert refusal("twilio", form({k: v for k, v in VALID.items() if k != missing})) == ("missing_field", 400)


def test_refuses_a_blank_request() -> None:
    assert refusal("twilio", form(" ")) == ("missing_field", 400)


def test_reads_event_streams() -> None:
    event = {
        "specversion": "1.0",
        "type": "com.twilio.messaging.inbound-message.received",
        "time": "2026-03-02T06:04:45.000Z",
        "data": {"messageSid": "SM1", "from": "+1413", "to": "+1202", "body": "hi", "numMedia": 0, "accountSid": "AC"},
    }
    receipt = {"type": "com.twilio.messaging.message.delivered", "data": {"messageSid": "SM2"}}
    parsed = parse("twilio", json_request([event, receipt]))
    assert [(m["message_id"], m["sent_at"]) for m in parsed.messages] == [("SM1", NOW)]
    assert parsed.ignored == {"delivery_receipt": 1}


def test_accepts_the_right_signature_and_repeated_fields_once() -> None:
    verify(form(VALID, URL, x_twilio_signature=sign(URL, VALID)))
    verify(form("A=1&A=1&B=2", URL, x_twilio_signature=sign(URL, {"A": "1", "B": "2"})))


@pytest.mark.parametrize(
    ("signed", "seen"),
    [
        ("https://sms.example.ng/x", "https://sms.example.ng:8443/x"),
        ("https://sms.example.ng:443/x", "https://sms.example.ng/x"),
        ("http://sms.example.ng:8080/x", "http://sms.example.ng:8080/x"),
    ],
)
def test_accepts_the_signature_with_and_without_port(signed: str, seen: str) -> None:
    verify(form(VALID, seen, x_twilio_signature=sign(signed, VALID)))


def test_finds_the_public_address_behind_a_proxy() -> None:
    signature = sign("https://sms.example.ng/v1/sms/twilio", VALID)
    verify(form(VALID, "/v1/sms/twilio", x_twilio_signature=signature), public_url="https://sms.example.ng")
    verify(form(VALID, "/v1/sms/twilio", x_twilio_signature=signature, host="sms.example.ng"))
    forwarded = {"x_forwarded_proto": "https", "x_forwarded_host": "sms.example.ng", "host": "10.0.0.7:8081"}
    verify(form(VALID, "/v1/sms/twilio", x_twilio_signature=signature, **forwarded))


def test_accepts_a_signed_json_body() -> None:
    request = json_request([{"specversion": "1.0"}])
    url = f"{URL}&bodySHA256={hashlib.sha256(request.body).hexdigest()}"
    verify(Request(request.method, url, {**request.headers, "x-twilio-signature": sign(url, {})}, request.body))
    with pytest.raises(Refused, match="signature"):
        verify(Request(request.method, url, {**request.headers, "x-twilio-signature": sign(url, {})}, b"[]"))


def test_accepts_a_signed_get() -> None:
    url = "https://sms.example.ng/x?Body=hi&From=%2B1"
    verify(Request("GET", url, {"x-twilio-signature": sign(url, {})}, b""))


@pytest.mark.parametrize(
    "request_",
    [
        form(VALID | {"Body": "other"}, URL, x_twilio_signature=sign(URL, VALID)),
        form(VALID, URL + "c", x_twilio_signature=sign(URL, VALID)),
        form(VALID, URL, x_twilio_signature=sign(URL, VALID, "54321")),
        form(VALID, URL, x_twilio_signature="é"),
        json_request({"a": 1}, URL, x_twilio_signature=sign(URL, {})),
    ],
)
def test_refuses_a_wrong_signature(request_: Request) -> None:
    with pytest.raises(Refused) as refused:
        verify(request_)
    assert (refused.value.reason, refused.value.status) == ("bad_signature", 401)


def test_refuses_a_request_without_signature() -> None:
    with pytest.raises(Refused) as refused:
        verify(form(VALID, URL))
    assert (refused.value.reason, refused.value.status) == ("missing_signature", 401)


def test_answers_empty_twiml() -> None:
    answer = GATEWAYS["twilio"].answer
    assert (answer.status, answer.media_type) == (200, "text/xml")
    assert answer.body.endswith(b"<Response></Response>")
