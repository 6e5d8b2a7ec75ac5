"""Reddit: posts, comments, what was taken away."""

from typing import Any

import pytest

from tests.unit.ingest_social.documents_of import NOW, only, parse, refusal

POST: dict[str, Any] = {
    "name": "t3_abc",
    "id": "abc",
    "subreddit": "Nigeria",
    "author": "ada",
    "author_fullname": "t2_7",
    "title": "No network",
    "selftext": "since &gt; Monday",
    "created_utc": 1668528408.0,
    "edited": False,
    "permalink": "/r/Nigeria/comments/abc/no_network/",
}
COMMENT: dict[str, Any] = {
    "name": "t1_def",
    "author": "obi",
    "body": "same here",
    "created_utc": 1668528409,
    "parent_id": "t3_abc",
    "permalink": "/r/Nigeria/comments/abc/no_network/def/",
    "replies": "",
}


def thing(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "data": data}


def listing(*children: Any) -> dict[str, Any]:
    return thing("Listing", {"after": None, "children": list(children)})


def test_reads_a_post() -> None:
    assert only("reddit", listing(thing("t3", POST))) == {
        "post_id": "t3_abc",
        "network": "reddit",
        "action": "created",
        "author_id": "t2_7",
        "author_handle": "ada",
        "text": "No network\n\nsince > Monday",
        "created_at": 1668528408000,
        "language": None,
        "in_reply_to": None,
        "url": "https://www.reddit.com/r/Nigeria/comments/abc/no_network/",
        "place": None,
        "followers": None,
        "attributes": {"subreddit": "Nigeria"},
    }


def test_reads_comments_and_their_replies() -> None:
    nested = COMMENT | {"replies": listing(thing("t1", COMMENT | {"name": "t1_ghi", "parent_id": "t1_def"}))}
    parsed = parse("reddit", [listing(thing("t3", POST)), listing(thing("t1", nested), thing("more", {"count": 3}))])
    assert [(p["post_id"], p["in_reply_to"]) for p in parsed.posts] == [
        ("t3_abc", None),
        ("t1_def", "t3_abc"),
        ("t1_ghi", "t1_def"),
    ]
    assert parsed.ignored == {"unknown_event": 1}


@pytest.mark.parametrize(
    "change",
    [{"selftext": "[removed]"}, {"selftext": "[deleted]", "author": "[deleted]"}, {"removed_by_category": "moderator"}],
)
def test_what_was_taken_away_is_a_deletion(change: dict[str, Any]) -> None:
    post = only("reddit", thing("t3", POST | change))
    assert (post["action"], post["text"], post["created_at"]) == ("deleted", "", NOW)


def test_a_post_of_a_deleted_account_stays_without_author() -> None:
    post = only("reddit", thing("t3", POST | {"author": "[deleted]", "author_fullname": None}))
    assert (post["action"], post["author_handle"]) == ("created", None)


def test_an_edit_is_a_revision() -> None:
    post = only("reddit", thing("t3", POST | {"edited": 1668528500.0}))
    assert (post["action"], post["created_at"]) == ("updated", 1668528500000)
    assert post["attributes"]["posted_at"] == "1668528408000"


def test_deep_nesting_is_read_without_recursion() -> None:
    inner: Any = ""
    for number in range(3000):
        inner = listing(thing("t1", COMMENT | {"name": f"t1_{number}", "replies": inner}))
    assert len(parse("reddit", inner).posts) == 3000


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (5, "bad_field"),
        ({}, "missing_field"),
        ({"error": 403, "message": "Forbidden"}, "malformed"),
        (thing("Listing", {}), "missing_field"),
        (thing("t3", {"title": "x"}), "missing_field"),
        (thing("t3", POST | {"created_utc": "soon"}), "bad_timestamp"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str) -> None:
    assert refusal("reddit", document) == reason
