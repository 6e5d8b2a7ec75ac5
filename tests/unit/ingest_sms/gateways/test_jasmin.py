"""Jasmin: contents in the coding of the PDU, receipts, its own acknowledgement."""

from urllib.parse import quote_from_bytes

import pytest

from services.ingest_sms.gateways import GATEWAYS
from tests.unit.ingest_sms.requests import NOW, form, get, only, parse, refusal


def test_decodes_gsm_7_bit() -> None:
    request = form("content=%05v%05nement&coding=0&From=2349067554729&To=2349067554711&id=1001&origin-connector=mtn")
    assert only("jasmin", request) == {
        "message_id": "1001",
        "sender": "2349067554729",
        "recipient": "2349067554711",
        "text": "événement",
        "sent_at": NOW,
        "gateway": "jasmin",
        "attributes": {"origin-connector": "mtn", "imputed": "occurred_at"},
    }


@pytest.mark.parametrize(
    ("content", "coding", "text"),
    [
        ("Ẹ káàárọ̀ 😡".encode("utf-16-be"), "8", "Ẹ káàárọ̀ 😡"),
        ("naïve".encode("latin-1"), "3", "naïve"),
        (b"\x00\x1be 100%", "0", "@€ 100%"),
        (b"plain", "", "plain"),
        (b"plain", "1", "plain"),
    ],
)
def test_decodes_by_coding(content: bytes, coding: str, text: str) -> None:
    body = f"content={quote_from_bytes(content)}&coding={coding}&from=1&to=2&id=3"
    assert only("jasmin", form(body))["text"] == text
    assert only("jasmin", get(body))["text"] == text
    hexadecimal = f"content=&binary={content.hex()}&coding={coding}&from=1&to=2&id=3"
    assert only("jasmin", form(hexadecimal))["text"] == text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("id=external1&dlvrd=1", "delivery_receipt"),
        ("id=1&message_status=DELIVRD&level=2&id_smsc=x&text=", "delivery_receipt"),
        ("content=%00%01&coding=4&from=1&to=2&id=3", "unknown_event"),
        ("content=&coding=0&from=1&to=2&id=3", "empty"),
    ],
)
def test_ignores_what_is_no_message(body: str, reason: str) -> None:
    assert parse("jasmin", form(body)).ignored == {reason: 1}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("content=x&coding=0&From=2349067554729&id=1001", "missing_field"),
        ("coding=0&from=1&to=2&id=3", "missing_field"),
        ("nothing", "missing_field"),
        ("content=x&coding=abc&from=1&to=2&id=3", "bad_field"),
        ("content=x&coding=256&from=1&to=2&id=3", "bad_field"),
        ("content=%00H%00&coding=8&from=1&to=2&id=3", "bad_text"),
        ("content=%D8%00%00i&coding=8&from=1&to=2&id=3", "bad_text"),
        ("binary=0g&coding=0&from=1&to=2&id=3", "bad_field"),
    ],
)
def test_refuses_with_the_reason(body: str, reason: str) -> None:
    assert refusal("jasmin", form(body)) == (reason, 400)


def test_answers_ack_jasmin() -> None:
    assert (GATEWAYS["jasmin"].answer.status, GATEWAYS["jasmin"].answer.body) == (200, b"ACK/Jasmin")
