"""Bronze events of messages and of status reports."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.identity import IdKey
from services.ingest_sms.bronze import STATUS_NAMES, identifiers_of, sms_event, status_event, status_of
from services.ingest_sms.request import Refused
from services.runtime.codec import Codec
from tests.unit.ingest_sms.requests import NOW

IDS = IdKey(b"0123456789abcdef")
MESSAGE: dict[str, Any] = {
    "message_id": "SM1",
    "sender": "+2348031234567",
    "recipient": "2020",
    "text": "No network",
    "sent_at": NOW - 5_000,
    "gateway": "twilio",
    "attributes": {},
}


def event(message: dict[str, Any], received_at: int = NOW) -> dict[str, Any]:
    return sms_event(IDS, message, received_at=received_at, payload=b"raw", payload_type="text/x")[1]


def report(**changes: Any) -> dict[str, Any]:
    update = {
        "complaint_id": None,
        "source": "sms:twilio",
        "source_id": "SM1",
        "status": "Resolved",
        "at": NOW,
        "note": None,
    } | changes
    return status_event(IDS, update, received_at=NOW, payload=b"raw", payload_type="text/x")[1]


def test_a_message_becomes_the_first_revision_of_a_complaint() -> None:
    key, bronze = sms_event(IDS, MESSAGE, received_at=NOW, payload=b"raw", payload_type="text/x")
    assert bronze | {"event_id": "", "complaint_id": ""} == {
        "event_id": "",
        "complaint_id": "",
        "revision_no": 0,
        "revised_at": NOW - 5_000,
        "action": "created",
        "channel": "sms",
        "source": "sms:twilio",
        "lane": "realtime",
        "occurred_at": NOW - 5_000,
        "received_at": NOW,
        "identifiers": [{"kind": "msisdn", "value": "+2348031234567"}],
        "recipient": "2020",
        "text": "No network",
        "language": None,
        "fields": {},
        "payload": b"raw",
        "payload_type": "text/x",
        "generation": 0,
    }
    assert key == IDS.routing_key("msisdn:+2348031234567")
    assert Codec().decode("BronzeEvent", Codec().encode("BronzeEvent", bronze)) == bronze


def test_the_same_message_is_the_same_event_whenever_it_is_received() -> None:
    assert event(MESSAGE, NOW)["event_id"] == event(MESSAGE, NOW + 60_000)["event_id"]
    assert event(MESSAGE)["event_id"] != event(MESSAGE | {"message_id": "SM2"})["event_id"]
    assert event(MESSAGE)["event_id"] != event(MESSAGE | {"gateway": "mtn"})["event_id"]


def test_without_an_id_sender_text_and_minute_tell() -> None:
    bare = MESSAGE | {"message_id": None, "sent_at": NOW - NOW % 60_000}
    same = event(bare)["event_id"]
    assert event(bare | {"sent_at": bare["sent_at"] + 59_999})["event_id"] == same
    for change in ({"sent_at": bare["sent_at"] + 60_000}, {"text": "x"}, {"sender": "+2348031234568"}):
        assert event(bare | change)["event_id"] != same


@pytest.mark.parametrize(
    ("sender", "channel", "identifiers"),
    [
        ("08031234567", "sms", [("msisdn", "08031234567")]),
        ("MTN", "sms", []),
        ("whatsapp:+2348031234567", "whatsapp", [("msisdn", "whatsapp:+2348031234567")]),
        ("whatsapp:NG.12AB", "whatsapp", [("handle", "whatsapp:NG.12AB")]),
        ("whatsapp:", "whatsapp", []),
    ],
)
def test_who_the_customer_is(sender: str, channel: str, identifiers: list[tuple[str, str]]) -> None:
    bronze = event(MESSAGE | {"sender": sender})
    assert bronze["channel"] == channel
    assert [(i["kind"], i["value"]) for i in bronze["identifiers"]] == identifiers == identifiers_of(sender)


def test_keeps_what_the_cleaner_reads() -> None:
    attributes = {
        "ProfileName": "Ada",
        "Latitude": "6.5",
        "imputed": "occurred_at",
        "AccountSid": "AC",
        "channel": "whatsapp",
    }
    bronze = event(MESSAGE | {"attributes": attributes, "text": ""})
    assert bronze["fields"] == {"customer_name": "Ada", "latitude": "6.5", "imputed": "occurred_at"}
    assert (bronze["channel"], bronze["text"]) == ("whatsapp", None)


@pytest.mark.parametrize("sent_at", [0, NOW + 2 * 86_400_000, -1])
def test_an_absurd_time_is_refused(sent_at: int) -> None:
    with pytest.raises(Refused) as refused:
        event(MESSAGE | {"sent_at": sent_at})
    assert refused.value.reason == "bad_timestamp"


def test_a_status_is_a_later_revision_of_the_same_complaint() -> None:
    bronze = report()
    assert bronze["complaint_id"] == event(MESSAGE)["complaint_id"]
    assert bronze["event_id"] != event(MESSAGE)["event_id"]
    assert bronze["revision_no"] > 0
    assert (bronze["action"], bronze["text"], bronze["fields"]) == ("updated", None, {"status": "resolved"})
    assert (bronze["channel"], bronze["source"], bronze["revised_at"]) == ("sms", "sms:twilio", NOW)
    assert Codec().decode("BronzeEvent", Codec().encode("BronzeEvent", bronze)) == bronze


def test_resolved_reopened_and_resolved_again_are_three_revisions_and_each_comes_twice_as_one() -> None:
    at = NOW - 3_000
    story = [report(at=at), report(status="reopened", at=at + 1), report(at=at + 2)]
    assert len({e["event_id"] for e in story}) == 3
    assert report(at=at)["event_id"] == story[0]["event_id"]


def test_a_status_may_name_the_complaint_itself() -> None:
    bronze = report(complaint_id="11111111-1111-8111-8111-111111111111", source=None, source_id=None, note="done")
    assert bronze["complaint_id"] == "11111111-1111-8111-8111-111111111111"
    assert (bronze["source"], bronze["channel"]) == ("status", "call_center")
    assert bronze["fields"] == {"status": "resolved", "note": "done"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"source_id": None}, "missing_field"), ({"status": "eaten"}, "bad_field"), ({"at": 0}, "bad_timestamp")],
)
def test_a_wrong_report_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        report(**changes)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Backlog", "acknowledged"),
        ("In-Progress", "inProgress"),
        ("in progress", "inProgress"),
        ("IN_PROGRESS", "inProgress"),
        ("inProgress", "inProgress"),
        ("Blocked", "held"),
        ("on-hold", "held"),
        ("Resolved", "resolved"),
        (" Closed ", "closed"),
        ("Escalated", "held"),
    ],
)
def test_status_names_of_ticket_systems(name: str, status: str) -> None:
    assert status_of(name, STATUS_NAMES | {"escalated": "held"}) == status


@given(st.text(max_size=20))
def test_any_status_name_is_known_or_refused(name: str) -> None:
    try:
        status_of(name, STATUS_NAMES)
    except Refused as refused:
        assert refused.reason == "bad_field"
