"""Kannel: messages by GET and POST under several names of parameters, receipts, character sets."""

import pytest

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Request
from tests.unit.ingest_sms.requests import NOW, form, get, only, parse, refusal

VALID = "backend=NIG_MTN&sender=%2B2349067554729&message=Join&ts=1493735509&id=asdf-asdf&to=24453"


def test_reads_a_message_by_get() -> None:
    assert only("kannel", get(VALID)) == {
        "message_id": "asdf-asdf",
        "sender": "+2349067554729",
        "recipient": "24453",
        "text": "Join",
        "sent_at": 1493735509000,
        "gateway": "kannel",
        "attributes": {"backend": "NIG_MTN"},
    }


def test_reads_parameters_of_the_url_beside_a_body() -> None:
    assert only("kannel", form("empty", f"/v1/sms/kannel?{VALID}"))["text"] == "Join"
    assert only("kannel", form(VALID))["text"] == "Join"


def test_reads_the_body_of_a_post_url() -> None:
    url = "/v1/sms/kannel?sender=%2B234&to=24453&ts=1493735509"
    assert (
        only("kannel", Request("POST", url, {"content-type": "text/plain; charset=UTF-8"}, b"a&b=c"))["text"] == "a&b=c"
    )


@pytest.mark.parametrize(
    ("query", "text", "at"),
    [
        ("from=1&text=a+b&time=2017-05-02+14:31:49", "a b", 1493735509000),
        ("phone=1&content=a%20b", "a b", NOW),
        ("sender=1&message=caf%E9&charset=windows-1252", "café", NOW),
        ("sender=1&message=%00H%00i&charset=UTF-16BE", "Hi", NOW),
        ("sender=1&message=%E1%BA%B9&coding=2", "ẹ", NOW),
    ],
)
def test_reads_other_names_times_and_character_sets(query: str, text: str, at: int) -> None:
    message = only("kannel", get(query))
    assert (message["text"], message["sent_at"]) == (text, at)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("id=12345&status=4", "delivery_receipt"),
        ("id=1&type=8&answer=NACK", "delivery_receipt"),
        (VALID.replace("Join", ""), "empty"),
    ],
)
def test_ignores_receipts_and_empty_messages(query: str, reason: str) -> None:
    assert parse("kannel", get(query)).ignored == {reason: 1}


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "missing_field"),
        ("sender=1", "missing_field"),
        ("message=x", "missing_field"),
        ("sender=1&message=%ff", "bad_text"),
        ("sender=1&message=x&charset=no-such", "bad_text"),
        ("sender=1&message=x&ts=soon", "bad_timestamp"),
    ],
)
def test_refuses_with_the_reason(query: str, reason: str) -> None:
    assert refusal("kannel", get(query)) == (reason, 400)


def test_answers_nothing_since_kannel_would_send_it_to_the_customer() -> None:
    assert GATEWAYS["kannel"].answer.body == b""
