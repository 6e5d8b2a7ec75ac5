"""Vonage: both APIs, parts of long messages, receipts, signatures and their age."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Refused, Request
from services.ingest_sms.signatures import Credentials
from tests.unit.ingest_sms.requests import NOW, form, get, json_request, only, parse, refusal

VALID = {
    "type": "text",
    "to": "447700900000",
    "msisdn": "447700900001",
    "messageId": "0A0000000123ABCD1",
    "message-timestamp": "2026-03-02 06:04:45",
    "timestamp": "1772431485",
    "nonce": "757730ac",
    "text": "Hello world",
    "keyword": "HELLO",
}
PART = {"concat": "true", "concat-ref": "1", "concat-total": "3", "concat-part": "2"}
SECRET = "signature_secret"
HOUR = 3_600_000


def sign(fields: dict[str, Any], method: str) -> str:
    text = "".join(f"&{k}={str(v).replace('&', '_').replace('=', '_')}" for k, v in sorted(fields.items()))
    if method == "md5hash":
        return hashlib.md5((text + SECRET).encode()).hexdigest()  # noqa: S324
    return hmac.digest(SECRET.encode(), text.encode(), method).hex()


def verify(request: Request, **options: Any) -> None:
    GATEWAYS["vonage"].verify(request, Credentials(SECRET, **options), NOW)


def test_reads_json_form_and_query_alike() -> None:
    messages = [only("vonage", request) for request in (json_request(VALID), form(VALID), get(VALID))]
    assert messages[0] == messages[1] == messages[2]
    assert messages[0] | {"attributes": None} == {
        "message_id": "0A0000000123ABCD1",
        "sender": "447700900001",
        "recipient": "447700900000",
        "text": "Hello world",
        "sent_at": NOW,
        "gateway": "vonage",
        "attributes": None,
    }


def test_falls_back_on_the_unix_time() -> None:
    fields = {k: v for k, v in VALID.items() if k != "message-timestamp"}
    assert only("vonage", form(fields))["sent_at"] == NOW


def test_marks_a_part_even_a_blank_one() -> None:
    kept = only("vonage", form(VALID | PART | {"text": " "}))["attributes"]
    assert (kept["part_reference"], kept["part_number"], kept["part_count"]) == ("1", "2", "3")


@pytest.mark.parametrize("wrong", [{"concat-part": "4"}, {"concat-part": "0"}, {"concat-total": "x"}])
def test_refuses_impossible_parts(wrong: dict[str, str]) -> None:
    assert refusal("vonage", form(VALID | PART | wrong)) == ("bad_field", 400)


def test_reads_the_messages_api() -> None:
    document = {
        "to": "447700900000",
        "from": "447700900001",
        "channel": "whatsapp",
        "message_uuid": "aaaa-bbbb",
        "timestamp": "2026-03-02T06:04:45.000Z",
        "message_type": "text",
        "text": "Nexmo",
    }
    message = only("vonage", json_request(document))
    assert (message["message_id"], message["sender"], message["sent_at"]) == ("aaaa-bbbb", "447700900001", NOW)
    assert message["attributes"]["channel"] == "whatsapp"
    image = {k: v for k, v in document.items() if k != "text"} | {"message_type": "image", "image": {"url": "u"}}
    assert only("vonage", json_request(image))["attributes"]["media_count"] == "1"
    old = {
        "message_uuid": "u",
        "from": {"type": "sms", "number": "447700900001"},
        "to": {"type": "sms", "number": "447700900000"},
        "message": {"content": {"type": "text", "text": "old form"}},
    }
    assert only("vonage", json_request(old))["text"] == "old form"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (
            form({"msisdn": "1", "to": "2", "messageId": "3", "status": "delivered", "err-code": "0"}),
            "delivery_receipt",
        ),
        (json_request({"message_uuid": "u", "status": "delivered", "to": "1"}), "delivery_receipt"),
        (get(""), "unknown_event"),
        (form(VALID | {"type": "binary", "data": "00FF", "udh": "0605"}), "unknown_event"),
        (form(VALID | {"text": ""}), "empty"),
    ],
)
def test_ignores_what_is_no_message(request_: Request, reason: str) -> None:
    assert parse("vonage", request_).ignored == {reason: 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({k: v for k, v in VALID.items() if k != "msisdn"}, "missing_field"),
        ({k: v for k, v in VALID.items() if k != "messageId"}, "missing_field"),
        ({k: v for k, v in VALID.items() if k != "text"}, "missing_field"),
        (VALID | {"message-timestamp": "2026-02-30 06:04:45"}, "bad_timestamp"),
    ],
)
def test_refuses_with_the_reason(fields: dict[str, str], reason: str) -> None:
    assert refusal("vonage", json_request(fields)) == (reason, 400)


@pytest.mark.parametrize("method", ["md5hash", "md5", "sha1", "sha256", "sha512"])
def test_accepts_every_signature_method(method: str) -> None:
    fields = VALID | {"text": "a&b=c"}
    signed = fields | {"sig": sign(fields, method)}
    for request in (form(signed), get(signed), json_request(signed)):
        verify(request)
        verify(request, method=method)
    pinned = "sha1" if method != "sha1" else "sha256"
    with pytest.raises(Refused, match="does not match"):
        verify(form(signed), method=pinned)


def test_accepts_an_upper_case_signature() -> None:
    verify(form(VALID | {"sig": sign(VALID, "sha256").upper()}))


@pytest.mark.parametrize("sig", ["", "00", "é", sign(VALID | {"text": "other"}, "sha256")])
def test_refuses_a_wrong_signature(sig: str) -> None:
    with pytest.raises(Refused) as refused:
        verify(form(VALID | {"sig": sig}))
    assert refused.value.status == 401


def test_refuses_a_replay() -> None:
    fields = VALID | {"timestamp": str(NOW // 1000 - 7200)}
    request = form(fields | {"sig": sign(fields, "sha256")})
    verify(request)
    with pytest.raises(Refused, match="too old"):
        verify(request, max_age_ms=HOUR)


def token(claims: dict[str, Any], algorithm: str = "HS256", secret: str = SECRET) -> str:
    def part(document: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()

    signed = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}"
    digest = hmac.digest(secret.encode(), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_checks_the_signed_token_of_the_messages_api() -> None:
    body = json.dumps({"message_uuid": "u", "from": "1", "to": "2", "text": "x"}).encode()
    good = {"iat": NOW // 1000, "payload_hash": hashlib.sha256(body).hexdigest()}
    verify(json_request(body, authorization=f"Bearer {token(good)}"), max_age_ms=HOUR)
    for wrong in (
        token(good | {"payload_hash": "00"}),
        token({"iat": NOW // 1000}),
        token(good, algorithm="none"),
        token(good, secret="other"),
        token(good | {"iat": NOW // 1000 - 7200}),
        token(good | {"exp": NOW // 1000 - 1}),
        token({k: v for k, v in good.items() if k != "iat"}),
        "a.b.c",
        "é",
    ):
        with pytest.raises(Refused) as refused:
            verify(json_request(body, authorization=f"Bearer {wrong}"), max_age_ms=HOUR)
        assert refused.value.status == 401
