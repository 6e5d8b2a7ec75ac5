"""The stage over ingest.social."""

import json
from typing import Any

import pytest

from services.domain.identity import IdKey
from services.ingest_social.handler import SocialHandler
from services.runtime.codec import Codec
from services.runtime.stage import Outcomes, Record
from services.runtime.stage.records import DEAD, IGNORED
from tests.unit.ingest_social.documents_of import NOW

CODEC = Codec()
POST: dict[str, Any] = {"network": "x", "post_id": "1", "text": "no network", "created_at": NOW, "author_handle": "ada"}


def handle(*values: Any, own: frozenset[str] = frozenset()) -> Outcomes:
    raw = [v if isinstance(v, bytes | None) else json.dumps(v).encode() for v in values]
    records = [Record("ingest.social", 0, n, NOW, None, value, None) for n, value in enumerate(raw)]
    return SocialHandler(CODEC, IdKey(b"0123456789abcdef"), own).handle(records, "realtime", NOW)


def bronze(outcomes: Outcomes) -> list[dict[str, Any]]:
    return [CODEC.decode("BronzeEvent", output.value) for output in outcomes.outputs]


def test_avro_and_json_give_the_same_event() -> None:
    unset = dict.fromkeys(("author_id", "language", "in_reply_to", "url", "place", "followers"))
    full: dict[str, Any] = {"action": "created", "attributes": {}, **unset}
    one, two = bronze(handle(POST, CODEC.encode("SocialPost", full | POST)))
    assert one["event_id"] == two["event_id"]
    assert (one["payload_type"], two["payload_type"]) == ("application/json", "application/avro")


def test_one_record_may_hold_a_list() -> None:
    outcomes = handle([POST, POST | {"post_id": "2"}, POST | {"text": ""}])
    assert outcomes.mains == [2]


def test_empty_and_own_posts_are_ignored_but_deletions_are_not() -> None:
    outcomes = handle(POST | {"text": " "}, POST, POST | {"text": "", "action": "deleted"}, own=frozenset({"x:ada"}))
    assert outcomes.ignored_for == {0: "own_post", 1: "own_post", 2: "own_post"}
    outcomes = handle(POST | {"text": " "}, [], POST | {"text": "", "action": "deleted"})
    assert outcomes.fates[:2] == [IGNORED, IGNORED]
    assert [e["action"] for e in bronze(outcomes)] == ["deleted"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "null_record"),
        (b"", "malformed"),
        (b"junk", "malformed"),
        (b"\x00\x01", "malformed"),
        (b"\x00\xff\xff\xff\xff\x00", "unknown_schema"),
        (b'{"network":"\xff"}', "bad_text"),
        (POST | {"network": "myspace"}, "bad_field"),
        (POST | {"action": "liked"}, "bad_field"),
        (POST | {"post_id": None}, "missing_field"),
        (POST | {"created_at": None}, "bad_timestamp"),
        (POST | {"created_at": 5}, "bad_timestamp"),
        ([POST, POST | {"created_at": 5}], "bad_timestamp"),
        ([5], "bad_field"),
    ],
)
def test_a_bad_record_is_dead_with_its_reason_and_stops_nothing(value: Any, reason: str) -> None:
    outcomes = handle(value, POST)
    assert (outcomes.fates[0], outcomes.failures[0].reason, outcomes.mains) == (DEAD, reason, [0, 1])
