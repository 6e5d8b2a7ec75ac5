"""Africa's Talking: messages, reports and notices of one callback."""

import pytest

from tests.unit.ingest_sms.requests import NOW, form, only, parse, refusal

VALID = {
    "linkId": "L1",
    "text": "No network",
    "to": "21512",
    "id": "ec9adc86",
    "date": "2017-05-03T06:04:45Z",
    "from": "+254791541111",
}


def test_reads_every_field() -> None:
    assert only("africastalking", form(VALID)) == {
        "message_id": "ec9adc86",
        "sender": "+254791541111",
        "recipient": "21512",
        "text": "No network",
        "sent_at": 1493791485000,
        "gateway": "africastalking",
        "attributes": {"linkId": "L1"},
    }


@pytest.mark.parametrize("date", ["2017-05-03 06:04:45", "2017-05-03T06:04:45Z", "2017-05-03T07:04:45+01:00"])
def test_reads_dates_with_and_without_zone(date: str) -> None:
    assert only("africastalking", form(VALID | {"date": date}))["sent_at"] == 1493791485000


def test_a_message_without_date_is_of_the_time_of_receipt() -> None:
    assert only("africastalking", form({k: v for k, v in VALID.items() if k != "date"}))["sent_at"] == NOW


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({k: v for k, v in VALID.items() if k != "text"}, "missing_field"),
        ({k: v for k, v in VALID.items() if k != "from"}, "missing_field"),
        ({k: v for k, v in VALID.items() if k != "id"}, "missing_field"),
        (VALID | {"date": "2017-05-03T06:04"}, "bad_timestamp"),
        (VALID | {"date": "2017-13-03 06:04:45"}, "bad_timestamp"),
        ("empty", "missing_field"),
        ("", "missing_field"),
        (b"from=1&to=2&id=3&text=%ff%fe", "bad_text"),
    ],
)
def test_refuses_with_the_reason(fields: dict[str, str] | str | bytes, reason: str) -> None:
    assert refusal("africastalking", form(fields)) == (reason, 400)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "ATXid_1", "status": "Success", "phoneNumber": "+254711", "networkCode": "62130"}, "delivery_receipt"),
        ({"senderId": "BEEJAN", "phoneNumber": "+254711"}, "unknown_event"),
        ({"phoneNumber": "+254711", "shortCode": "123", "keyword": "x", "updateType": "addition"}, "unknown_event"),
        (VALID | {"text": "  "}, "empty"),
    ],
)
def test_ignores_what_is_no_message(fields: dict[str, str], reason: str) -> None:
    parsed = parse("africastalking", form(fields))
    assert (parsed.messages, parsed.ignored) == ([], {reason: 1})


def test_keeps_an_alphanumeric_sender() -> None:
    assert only("africastalking", form(VALID | {"from": "MTN"}))["sender"] == "MTN"
