"""Infobip: batches in every form its APIs have used, reports, and the three kinds of authentication."""

import base64
import hmac
from typing import Any

import pytest

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Refused, Request
from services.ingest_sms.signatures import Credentials
from tests.unit.ingest_sms.requests import NOW, json_request, only, parse, refusal

ITEM: dict[str, Any] = {
    "messageId": "817790313235066447",
    "from": "385916242493",
    "to": "385921004026",
    "text": "QUIZ Correct answer is Paris",
    "cleanText": "Correct answer is Paris",
    "keyword": "QUIZ",
    "receivedAt": "2016-10-06T09:28:39.220+0000",
    "smsCount": 1,
    "price": {"pricePerMessage": 0, "currency": "EUR"},
}


def batch(*items: Any) -> Request:
    return json_request({"results": list(items), "messageCount": len(items), "pendingMessageCount": 0})


def test_reads_a_message_whole() -> None:
    assert only("infobip", batch(ITEM)) == {
        "message_id": "817790313235066447",
        "sender": "385916242493",
        "recipient": "385921004026",
        "text": "QUIZ Correct answer is Paris",
        "sent_at": 1475746119220,
        "gateway": "infobip",
        "attributes": {"keyword": "QUIZ", "smsCount": "1"},
    }


def test_reads_integer_ids_and_numbers_without_losing_digits() -> None:
    message = only("infobip", batch(ITEM | {"messageId": 817790313235066447, "from": 385916242493}))
    assert (message["message_id"], message["sender"]) == ("817790313235066447", "385916242493")
    assert only("infobip", batch(ITEM | {"messageId": 2**70 + 1}))["message_id"] == str(2**70 + 1)


def test_a_batch_keeps_good_messages_and_sets_bad_ones_aside() -> None:
    bad = {k: v for k, v in ITEM.items() if k != "from"}
    parsed = parse("infobip", batch(ITEM, bad, ITEM | {"messageId": "2"}, {"messageId": "3", "status": {}}))
    assert [m["message_id"] for m in parsed.messages] == ["817790313235066447", "2"]
    assert [(r.index, r.reason) for r in parsed.rejected] == [(1, "missing_field")]
    assert b"Correct answer" in parsed.rejected[0].raw
    assert parsed.ignored == {"delivery_receipt": 1}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"message": [{"contentType": "text/plain", "value": "one"}, {"contentType": "text/plain", "value": "two"}]},
         "one\ntwo"),
        ({"message": {"type": "TEXT", "text": "hello"}, "integrationType": "WHATSAPP"}, "hello"),
        ({"content": [{"type": "TEXT", "text": "hello"}], "sender": "1", "destination": "2"}, "hello"),
        ({"content": {"text": "hello"}}, "hello"),
    ],
)  # fmt: skip
def test_reads_other_forms_of_the_text(content: dict[str, Any], text: str) -> None:
    assert only("infobip", batch({k: v for k, v in ITEM.items() if k != "text"} | content))["text"] == text


def test_marks_whatsapp_and_media() -> None:
    item = {k: v for k, v in ITEM.items() if k != "text"} | {
        "integrationType": "WHATSAPP",
        "message": {"type": "IMAGE", "url": "https://x.example/1", "caption": "no signal"},
    }
    message = only("infobip", batch(item))
    assert message["text"] == "no signal"
    assert message["attributes"]["channel"] == "whatsapp"
    assert message["attributes"]["media_count"] == "1"


@pytest.mark.parametrize(
    "item",
    [
        {"messageId": "1", "status": {"groupName": "DELIVERED"}},
        {"messageId": "1", "to": "2", "sentAt": "2019-11-09T16:00:00.000+0000", "doneAt": "x", "error": {}},
        {"messageId": "1", "from": "2", "seenAt": "2019-11-09T16:00:00.000+0000"},
    ],
)
def test_ignores_reports(item: dict[str, Any]) -> None:
    assert parse("infobip", batch(item)).ignored == {"delivery_receipt": 1}


def test_ignores_an_empty_text_and_an_empty_batch() -> None:
    assert parse("infobip", batch(ITEM | {"text": ""})).ignored == {"empty": 1}
    assert parse("infobip", batch()).ignored == {"empty": 1}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (json_request(b"Invalid"), "malformed"),
        (json_request([]), "malformed"),
        (json_request({"unexpected": [ITEM]}), "missing_field"),
        (json_request({"results": "x"}), "missing_field"),
        (batch("x"), "bad_field"),
        (batch(ITEM | {"text": ["x"]}), "bad_field"),
        (batch(ITEM | {"receivedAt": "yesterday"}), "bad_timestamp"),
        (json_request(b'{"results":[{"from":"1","text":"\xff"}]}'), "bad_text"),
    ],
)
def test_refuses_with_the_reason(request_: Request, reason: str) -> None:
    assert refusal("infobip", request_) == (reason, 400)


def test_checks_basic_bearer_and_hmac() -> None:
    request = batch(ITEM)

    def signed(**headers: str) -> Request:
        return json_request(request.body, **headers)

    verify = GATEWAYS["infobip"].verify
    basic = base64.b64encode(b"user:pass").decode()
    verify(signed(authorization=f"Basic {basic}"), Credentials("user:pass"), NOW)
    verify(signed(authorization="Bearer tok"), Credentials("tok"), NOW)
    verify(signed(x_signature=hmac.digest(b"s", request.body, "sha256").hex()), Credentials("s"), NOW)
    for wrong in (
        signed(authorization=f"Basic {basic}x"),
        signed(authorization="Basic é"),
        signed(authorization="Bearer user:pas"),
        signed(x_signature=hmac.digest(b"user:pass", b"{}", "sha256").hex()),
        signed(),
    ):
        with pytest.raises(Refused) as refused:
            verify(wrong, Credentials("user:pass"), NOW)
        assert refused.value.status == 401
