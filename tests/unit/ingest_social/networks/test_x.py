"""X: search answers, stream events, account activity."""

from typing import Any

import pytest

from services.ingest_social.networks.x import posted_at
from tests.unit.ingest_social.documents_of import NOW, ignored, only, parse, refusal

TWEET: dict[str, Any] = {
    "id": "1307025659294674945",
    "text": "@beejan no network &amp; no data",
    "author_id": "2244994945",
    "created_at": "2020-09-18T18:36:15.000Z",
    "edit_history_tweet_ids": ["1307025659294674945"],
    "lang": "en",
    "referenced_tweets": [{"type": "replied_to", "id": "1304102743196356610"}],
    "geo": {"place_id": "p1"},
}
INCLUDES = {
    "users": [{"id": "2244994945", "username": "AdaObi", "name": "Ada", "public_metrics": {"followers_count": 12}}],
    "places": [{"id": "p1", "full_name": "Lagos, Nigeria"}],
}


def test_reads_a_post_of_a_search() -> None:
    assert only("x", {"data": [TWEET], "includes": INCLUDES, "meta": {"result_count": 1}}) == {
        "post_id": "1307025659294674945",
        "network": "x",
        "action": "created",
        "author_id": "2244994945",
        "author_handle": "AdaObi",
        "text": "@beejan no network & no data",
        "created_at": 1600454175000,
        "language": "en",
        "in_reply_to": "1304102743196356610",
        "url": "https://x.com/i/status/1307025659294674945",
        "place": "Lagos, Nigeria",
        "followers": 12,
        "attributes": {"author_name": "Ada"},
    }


def test_reads_a_stream_event_with_the_least_fields() -> None:
    post = only("x", {"data": {"id": "1", "text": "hi"}, "matching_rules": [{"id": "1"}]})
    assert (post["post_id"], post["created_at"], post["attributes"]) == ("1", NOW, {"imputed": "occurred_at"})


def test_an_id_tells_the_time_where_nothing_else_does() -> None:
    bare = {k: v for k, v in TWEET.items() if k != "created_at"}
    post = only("x", {"data": [bare]})
    assert abs(post["created_at"] - 1600454175000) < 1000
    assert "imputed" not in post["attributes"]
    assert posted_at("123") is None
    assert posted_at(None) is None


def test_an_edit_is_a_revision_of_the_first_post() -> None:
    edited = TWEET | {"id": "1307025700000000000", "edit_history_tweet_ids": [TWEET["id"], "1307025700000000000"]}
    post = only("x", {"data": [edited]})
    assert (post["post_id"], post["action"]) == (TWEET["id"], "updated")
    assert abs(int(post["attributes"]["posted_at"]) - 1600454175000) < 1000


def test_a_long_post_is_read_whole() -> None:
    assert only("x", {"data": [TWEET | {"note_tweet": {"text": "the whole story"}}]})["text"] == "the whole story"


@pytest.mark.parametrize("lang", ["und", "qme", "qst", None, 5])
def test_a_language_that_x_did_not_recognise_is_none(lang: object) -> None:
    assert only("x", {"data": [TWEET | {"lang": lang}]})["language"] is None


def test_an_answer_without_results_is_empty() -> None:
    parsed = parse("x", {"meta": {"result_count": 0}})
    assert parsed.is_nothing


def test_reposts_are_echoes() -> None:
    assert ignored("x", {"data": [TWEET | {"referenced_tweets": [{"type": "retweeted", "id": "1"}]}]}) == {"echo": 1}


def test_bad_posts_do_not_hurt_the_rest() -> None:
    parsed = parse("x", {"data": [TWEET, 5, TWEET | {"id": None, "edit_history_tweet_ids": []}, TWEET | {"text": 5}]})
    assert len(parsed.posts) == 1
    assert [r.reason for r in parsed.refused] == ["bad_field", "missing_field", "bad_field"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "bad_field"),
        ({}, "missing_field"),
        ({"errors": [{"message": "x"}]}, "malformed"),
        ({"title": "Unauthorized", "status": 401}, "malformed"),
        ({"data": "x"}, "bad_field"),
        ({"data": [TWEET | {"created_at": "yesterday"}]}, "bad_timestamp"),
        ({"data": [TWEET], "includes": []}, None),
        ({"data": [TWEET], "includes": "x"}, "bad_field"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str | None) -> None:
    if reason is None:
        assert only("x", document)
    else:
        assert refusal("x", document) == reason


OLD: dict[str, Any] = {
    "id": 1307025659294674945,
    "id_str": "1307025659294674945",
    "created_at": "Fri Sep 18 18:36:15 +0000 2020",
    "text": "no network",
    "user": {"id_str": "7", "screen_name": "ada", "followers_count": 3, "name": "Ada"},
    "lang": "en",
}


def test_reads_account_activity() -> None:
    post = only("x", {"for_user_id": "9", "tweet_create_events": [OLD]})
    assert (post["post_id"], post["author_handle"], post["created_at"]) == (OLD["id_str"], "ada", 1600454175000)
    deleted = {"status": {"id": "1307025659294674945", "user_id": "7"}, "timestamp_ms": "1600454176000"}
    post = only("x", {"for_user_id": "9", "tweet_delete_events": [deleted]})
    assert (post["post_id"], post["action"], post["created_at"]) == (OLD["id_str"], "deleted", 1600454176000)
    direct = {
        "type": "message_create",
        "id": "5",
        "created_timestamp": "1600454176000",
        "message_create": {"sender_id": "7", "message_data": {"text": "help"}},
    }
    post = only("x", {"for_user_id": "9", "direct_message_events": [direct]})
    assert (post["post_id"], post["text"], post["attributes"]) == ("5", "help", {"direct": "true"})


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"for_user_id": "7", "tweet_create_events": [OLD]}, "own_post"),
        ({"for_user_id": "9", "tweet_create_events": [OLD | {"retweeted_status": {}}]}, None),
        ({"for_user_id": "9", "tweet_create_events": [OLD | {"retweeted_status": {"id": 1}}]}, "echo"),
        ({"for_user_id": "9", "favorite_events": [{}]}, "unknown_event"),
        ({"for_user_id": "9", "direct_message_events": [{"type": "x"}]}, "unknown_event"),
    ],
)
def test_ignores_what_is_no_complaint(document: dict[str, Any], reason: str | None) -> None:
    if reason is not None:
        assert ignored("x", document) == {reason: 1}
