"""Mastodon: statuses, edits, deletions."""

import json
from typing import Any

import pytest

from tests.unit.ingest_social.documents_of import NOW, ignored, only, parse, refusal

STATUS: dict[str, Any] = {
    "id": "109348677773283527",
    "created_at": "2022-11-15T16:06:48.410Z",
    "edited_at": None,
    "in_reply_to_id": None,
    "spoiler_text": "",
    "visibility": "public",
    "language": "en",
    "url": "https://m.example/@ada/1",
    "content": "<p>No network<br />in <a href='x'>#Yaba</a></p>",
    "reblog": None,
    "account": {"id": "7", "acct": "ada@m.example", "display_name": "Ada", "followers_count": 5},
}


def test_reads_a_status() -> None:
    assert only("mastodon", STATUS) == {
        "post_id": "109348677773283527",
        "network": "mastodon",
        "action": "created",
        "author_id": "7",
        "author_handle": "ada@m.example",
        "text": "No network\nin #Yaba",
        "created_at": 1668528408410,
        "language": "en",
        "in_reply_to": None,
        "url": "https://m.example/@ada/1",
        "place": None,
        "followers": 5,
        "attributes": {"author_name": "Ada"},
    }


def test_a_content_warning_is_part_of_the_text() -> None:
    assert only("mastodon", STATUS | {"spoiler_text": "rant"})["text"] == "rant\n\nNo network\nin #Yaba"


@pytest.mark.parametrize("form", ["entity", "event", "payload"])
def test_an_edit_is_a_revision(form: str) -> None:
    edited = STATUS | {"edited_at": "2022-11-15T16:07:29.023Z"}
    document = {
        "entity": edited,
        "event": {"event": "status.update", "payload": json.dumps(edited)},
        "payload": {"event": "status.update", "data": edited},
    }[form]
    post = only("mastodon", document)
    assert (post["action"], post["created_at"]) == ("updated", 1668528449023)
    assert post["attributes"]["posted_at"] == "1668528408410"


@pytest.mark.parametrize("payload", ["107214471804101576", 107214471804101576])
def test_a_deletion_names_the_status_alone(payload: object) -> None:
    post = only("mastodon", {"event": "delete", "payload": payload})
    assert (post["post_id"], post["action"], post["created_at"]) == ("107214471804101576", "deleted", NOW)


def test_reads_a_timeline_and_bad_statuses_do_not_hurt_the_rest() -> None:
    parsed = parse("mastodon", [STATUS, 5, {k: v for k, v in STATUS.items() if k != "id"}, STATUS])
    assert len(parsed.posts) == 2
    assert [r.reason for r in parsed.refused] == ["bad_field", "missing_field"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (STATUS | {"reblog": STATUS}, "echo"),
        (STATUS | {"visibility": "unlisted"}, "unknown_event"),
        (STATUS | {"visibility": "private"}, "unknown_event"),
        (STATUS | {"content": "<p></p>"}, "empty"),
        ({"event": "notification", "payload": "{}"}, "unknown_event"),
    ],
)
def test_ignores_what_is_no_post(document: dict[str, Any], reason: str) -> None:
    assert ignored("mastodon", document) == {reason: 1}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (5, "bad_field"),
        ({}, "missing_field"),
        ({"error": "Record not found"}, "malformed"),
        ({"event": "update", "payload": "{"}, "malformed"),
        ({"event": "delete"}, "missing_field"),
        (STATUS | {"created_at": "x"}, "bad_timestamp"),
        (STATUS | {"content": 5}, "bad_field"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str) -> None:
    assert refusal("mastodon", document) == reason
