"""MTN: messages without an id, delivery notifications, lists."""

from typing import Any

import pytest

from tests.unit.ingest_sms.requests import NOW, json_request, only, parse, refusal

HELLO: dict[str, Any] = {
    "id": None,
    "senderAddress": "242064661201",
    "receiverAddress": "2020",
    "message": "Hello there",
    "created": 1678794364855,
    "submittedDate": None,
}


def test_reads_a_message_without_id() -> None:
    assert only("mtn", json_request(HELLO)) == {
        "message_id": None,
        "sender": "242064661201",
        "recipient": "2020",
        "text": "Hello there",
        "sent_at": 1678794364855,
        "gateway": "mtn",
        "attributes": {},
    }


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"id": 77}, "message_id", "77"),
        ({"created": "2023-03-14T11:46:04.855Z"}, "sent_at", 1678794364855),
        ({"created": 1678794364}, "sent_at", 1678794364000),
        ({"created": None}, "sent_at", NOW),
        ({"senderAddress": 242064661201}, "sender", "242064661201"),
        ({"receiverAddress": None}, "recipient", None),
    ],
)
def test_reads_other_forms(change: dict[str, Any], field: str, value: Any) -> None:
    assert only("mtn", json_request(HELLO | change))[field] == value


def test_reads_a_list() -> None:
    parsed = parse("mtn", json_request([HELLO, HELLO | {"message": "2"}, {"deliveryStatus": "DELIVRD"}, 5]))
    assert [m["text"] for m in parsed.messages] == ["Hello there", "2"]
    assert parsed.ignored == {"delivery_receipt": 1}
    assert [r.reason for r in parsed.rejected] == ["malformed"]


@pytest.mark.parametrize("status", ["DeliveredToTerminal", "EXPIRED", "blabla"])
def test_ignores_delivery_notifications(status: str) -> None:
    document = {"TransactionID": None, "clientCorrelator": "string", "deliveryStatus": status}
    assert parse("mtn", json_request(document)).ignored == {"delivery_receipt": 1}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "missing_field"),
        (HELLO | {"senderAddress": ""}, "missing_field"),
        (HELLO | {"message": None}, "missing_field"),
        (HELLO | {"created": "soon"}, "bad_timestamp"),
        (HELLO | {"created": True}, "bad_timestamp"),
        (HELLO | {"message": "\ud83d"}, "bad_text"),
        (b'"x"', "malformed"),
        (b"\xff", "bad_text"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str) -> None:
    assert refusal("mtn", json_request(document)) == (reason, 400)
