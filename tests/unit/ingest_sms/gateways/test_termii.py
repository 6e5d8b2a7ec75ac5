"""Termii: incoming messages, reports, notices, and the signature."""

import base64
import hmac
from typing import Any

import pytest

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Refused
from services.ingest_sms.signatures import Credentials
from tests.unit.ingest_sms.requests import NOW, json_request, only, parse, refusal

INBOUND: dict[str, Any] = {
    "type": "inbound",
    "id": "8248611476370959318",
    "message_id": "3905204342778053556",
    "receiver": "12022214836",
    "sender": "2347069549231",
    "message": "Great ",
    "received_at": "2020-12-16T10:51:03.000000Z",
    "cost": None,
    "command": "Received",
    "status": "Received",
    "channel": None,
}


def test_reads_an_inbound_message() -> None:
    assert only("termii", json_request(INBOUND)) == {
        "message_id": "3905204342778053556",
        "sender": "2347069549231",
        "recipient": "12022214836",
        "text": "Great ",
        "sent_at": 1608115863000,
        "gateway": "termii",
        "attributes": {"id": "8248611476370959318", "status": "Received"},
    }


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"received_at": None, "sent_at": "2020-12-16T10:51:03Z"}, 1608115863000),
        ({"received_at": None, "sent_at": "2020-12-16 10:51:03"}, 1608115863000),
        ({"received_at": None}, NOW),
    ],
)
def test_takes_the_time_from_either_field(change: dict[str, Any], at: int) -> None:
    assert only("termii", json_request(INBOUND | change))["sent_at"] == at


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "message_delivery_report", "status": "DELIVERED"}, "delivery_receipt"),
        ({"type": "outbound", "status": "Message Sent"}, "delivery_receipt"),
        ({"type": None, "command": None, "status": "DND Active on Phone Number"}, "delivery_receipt"),
        ({"message": " "}, "empty"),
    ],
)
def test_ignores_reports_and_empty_messages(change: dict[str, Any], reason: str) -> None:
    assert parse("termii", json_request(INBOUND | change)).ignored == {reason: 1}


def test_ignores_device_notices() -> None:
    assert parse("termii", json_request({"type": "device_status", "status": "offline"})).ignored == {"unknown_event": 1}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "missing_field"),
        (b"{", "malformed"),
        ([], "malformed"),
        ({"sender": "1", "message": "x"}, "missing_field"),
        (INBOUND | {"sender": None}, "missing_field"),
        (INBOUND | {"message": None}, "missing_field"),
        (INBOUND | {"message": {"text": "x"}}, "bad_field"),
        (INBOUND | {"received_at": "16/12/2020"}, "bad_timestamp"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str) -> None:
    assert refusal("termii", json_request(document)) == (reason, 400)


def test_checks_the_signature_of_the_bytes_as_received() -> None:
    body = b'{"type": "inbound",  "sender": "1"}'
    digest = hmac.digest(b"key", body, "sha512")
    verify = GATEWAYS["termii"].verify
    for good in (digest.hex(), digest.hex().upper(), base64.b64encode(digest).decode()):
        verify(json_request(body, x_termii_signature=good), Credentials("key"), NOW)
    for wrong in ("", "00", digest.hex()[:-1] + "g"):
        with pytest.raises(Refused) as refused:
            verify(json_request(body, x_termii_signature=wrong), Credentials("key"), NOW)
        assert refused.value.status == 401
    with pytest.raises(Refused, match="does not match"):
        verify(json_request(body.replace(b"  ", b" "), x_termii_signature=digest.hex()), Credentials("key"), NOW)
