"""Bronze events of posts."""

from typing import Any

import pytest

from services.domain.identity import IdKey
from services.ingest_social.bronze import DELETED_REVISION, identifiers, social_event
from services.ingest_social.post import Refused, post
from services.runtime.codec import Codec
from tests.unit.ingest_social.documents_of import NOW

IDS = IdKey(b"0123456789abcdef")


def made(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"network": "x", "post_id": "1", "text": "no network", "created_at": NOW - 60_000,
                            "author_handle": "Ada_Obi", "author_id": "7"}  # fmt: skip
    return post(**(base | changes))


def event(found: dict[str, Any], received_at: int = NOW) -> dict[str, Any]:
    return social_event(IDS, found, received_at=received_at, payload=b"raw", payload_type="text/x")[1]


def test_a_post_is_the_first_revision() -> None:
    key, bronze = social_event(
        IDS,
        made(followers=12, place="Yaba", language="en", attributes={"author_name": "Ada", "direct": "true"}),
        received_at=NOW,
        payload=b"raw",
        payload_type="text/x",
    )
    assert (bronze["source"], bronze["channel"], bronze["action"], bronze["revision_no"]) == ("x", "x", "created", 0)
    assert bronze["identifiers"] == [{"kind": "handle", "value": "x:Ada_Obi"}]
    assert bronze["fields"] == {"followers": "12", "area": "Yaba", "customer_name": "Ada"}
    assert (bronze["occurred_at"], bronze["revised_at"]) == (NOW - 60_000, NOW - 60_000)
    assert key == IDS.routing_key("handle:x:ada_obi")
    assert Codec().decode("BronzeEvent", Codec().encode("BronzeEvent", bronze)) == bronze


def test_an_edit_keeps_the_complaint_and_the_clock_and_comes_twice_as_one() -> None:
    first = event(made())
    edited = made(action="updated", text="no network!", created_at=NOW, attributes={"posted_at": str(NOW - 60_000)})
    second = event(edited)
    assert second["complaint_id"] == first["complaint_id"]
    assert second["event_id"] != first["event_id"]
    assert (second["occurred_at"], second["revised_at"]) == (NOW - 60_000, NOW)
    assert 0 < second["revision_no"] < DELETED_REVISION
    assert event(edited, NOW + 5)["event_id"] == second["event_id"]
    assert event(edited | {"text": "again"})["event_id"] != second["event_id"]


def test_a_deletion_is_the_last_revision_whenever_it_is_seen() -> None:
    one, two = (event(made(action="deleted", text="x", created_at=NOW - ago, author_handle=None, author_id=None))
                for ago in (1, 2))  # fmt: skip
    assert one["event_id"] == two["event_id"]
    assert (one["revision_no"], one["text"], one["identifiers"]) == (DELETED_REVISION, None, [])
    assert one["complaint_id"] == event(made())["complaint_id"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("handle", "x:Ada_Obi")]),
        ({"author_handle": None}, [("handle", "x:7")]),
        ({"author_handle": None, "author_id": None}, []),
        ({"network": "whatsapp", "author_handle": None, "author_id": "2348031234567"}, [("msisdn", "2348031234567")]),
        ({"network": "whatsapp", "author_handle": None, "author_id": "NG.1"}, [("handle", "whatsapp:NG.1")]),
        ({"network": "rss", "author_handle": "Ada", "author_id": "a.example/Ada"}, [("handle", "rss:a.example/Ada")]),
    ],
)
def test_who_the_customer_is(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert identifiers(made(**changes)) == expected


@pytest.mark.parametrize(
    "changes", [{"created_at": 5}, {"created_at": NOW + 2 * 86_400_000}, {"attributes": {"posted_at": "5"}}]
)
def test_an_absurd_time_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        event(made(**changes))
    assert refused.value.reason == "bad_timestamp"


@pytest.mark.parametrize("posted_at", ["", "x", "-5", "9" * 30])
def test_a_first_time_without_sense_is_not_used(posted_at: str) -> None:
    assert event(made(attributes={"posted_at": posted_at}))["occurred_at"] == NOW - 60_000
