"""Meta: page feed, Instagram, Messenger."""

from typing import Any

import pytest

from tests.unit.ingest_social.documents_of import ignored, only, parse, refusal

COMMENT: dict[str, Any] = {
    "item": "comment",
    "verb": "add",
    "comment_id": "22_33",
    "parent_id": "11_22",
    "post_id": "11_22",
    "created_time": 1678886390,
    "message": "No network",
    "from": {"id": "2345", "name": "Maria Silva"},
    "permalink_url": "https://www.facebook.com/x",
}


def feed(value: Any, field: str = "feed", kind: str = "page") -> dict[str, Any]:
    return {"object": kind, "entry": [{"id": "11", "time": 1678886400, "changes": [{"field": field, "value": value}]}]}


def message(event: dict[str, Any], kind: str = "page") -> dict[str, Any]:
    base = {"sender": {"id": "5678"}, "recipient": {"id": "11"}, "timestamp": 1459991487970}
    return {"object": kind, "entry": [{"id": "11", "time": 1459991487970, "messaging": [base | event]}]}


def test_reads_a_comment() -> None:
    assert only("meta", feed(COMMENT)) == {
        "post_id": "22_33",
        "network": "facebook",
        "action": "created",
        "author_id": "2345",
        "author_handle": None,
        "text": "No network",
        "created_at": 1678886390000,
        "language": None,
        "in_reply_to": "11_22",
        "url": "https://www.facebook.com/x",
        "place": None,
        "followers": None,
        "attributes": {"author_name": "Maria Silva"},
    }


def test_reads_old_payloads_with_numbers_as_ids() -> None:
    old = {k: v for k, v in COMMENT.items() if k != "from"} | {"comment_id": 2233, "parent_id": 1122, "sender_id": 2345}
    post = only("meta", feed(old))
    assert (post["post_id"], post["author_id"], post["in_reply_to"]) == ("2233", "2345", "1122")


def test_reads_times_in_seconds_milliseconds_and_text() -> None:
    for time in (1678886390, 1678886390000, "2023-03-15T13:19:50+0000"):
        assert only("meta", feed(COMMENT | {"created_time": time}))["created_at"] == 1678886390000
    assert only("meta", feed({k: v for k, v in COMMENT.items() if k != "created_time"}))["created_at"] == 1678886400000


@pytest.mark.parametrize(
    ("verb", "action", "text"),
    [
        ("edited", "updated", "No network"),
        ("edit", "updated", "No network"),
        ("remove", "deleted", ""),
        ("hide", "deleted", ""),
    ],
)
def test_edits_and_removals_bear_the_time_of_the_event_and_remember_the_posts(
    verb: str, action: str, text: str
) -> None:
    post = only("meta", feed(COMMENT | {"verb": verb}))
    assert (post["action"], post["text"], post["created_at"]) == (action, text, 1678886400000)
    assert post["attributes"]["posted_at"] == "1678886390000"


def test_reads_posts_of_visitors() -> None:
    value = {k: v for k, v in COMMENT.items() if k not in ("comment_id", "parent_id")} | {"item": "status"}
    assert only("meta", feed(value))["post_id"] == "11_22"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (feed(COMMENT | {"from": {"id": "11", "name": "Beejan"}}), "own_post"),
        (feed(COMMENT | {"item": "reaction"}), "unknown_event"),
        (feed(COMMENT | {"verb": "unhide"}), "unknown_event"),
        (feed(COMMENT | {"message": ""}), "empty"),
        (feed({"mention": 1}, "mention"), "unknown_event"),
        (message({"message": {"mid": "m1", "text": "hi", "is_echo": True, "app_id": 1}}), "echo"),
        (message({"sender": {"id": "11"}, "message": {"mid": "m1", "text": "hi"}}), "echo"),
        (message({"delivery": {"mids": ["m1"], "watermark": 1}}), "delivery_receipt"),
        (message({"read": {"watermark": 1}}), "delivery_receipt"),
        (message({"postback": {"title": "Start", "payload": "x"}}), "unknown_event"),
        (message({"reaction": {"mid": "m1"}}), "unknown_event"),
        (message({"message": {"mid": "m1", "attachments": [{"type": "image"}]}}), "empty"),
        ({"object": "page", "entry": []}, "unknown_event"),
        ({"object": "page", "entry": [{"id": "11", "time": 1, "standby": [{}]}]}, "unknown_event"),
        (feed({"media_id": "1", "comment_id": "2"}, "mentions", "instagram"), "unknown_event"),
        (
            feed({"id": "1", "text": "x", "from": {"id": "11", "username": "beejan"}}, "comments", "instagram"),
            "own_post",
        ),
    ],
)
def test_ignores_with_the_reason(document: dict[str, Any], reason: str) -> None:
    assert ignored("meta", document) == {reason: 1}


def test_reads_messages() -> None:
    post = only("meta", message({"message": {"mid": "m_1", "text": "Hello", "reply_to": {"mid": "m_0"}}}))
    assert (post["network"], post["post_id"], post["author_id"]) == ("facebook", "m_1", "5678")
    assert (post["created_at"], post["in_reply_to"]) == (1459991487970, "m_0")
    assert post["attributes"] == {"direct": "true"}
    assert only("meta", message({"message": {"mid": "m_1", "text": "Hello"}}, "instagram"))["network"] == "instagram"


def test_messages_taken_back_and_edited_are_revisions() -> None:
    taken_back = only("meta", message({"message": {"mid": "m_1", "is_deleted": True}}, "instagram"))
    assert (taken_back["action"], taken_back["text"]) == ("deleted", "")
    edited = only("meta", message({"message_edit": {"mid": "m_1", "text": "Hello!", "num_edit": 1}}))
    assert (edited["action"], edited["text"]) == ("updated", "Hello!")


def test_reads_comments_on_instagram() -> None:
    value = {"id": "179", "text": "no data", "from": {"id": "77", "username": "ada"}, "media": {"id": "m"}}
    post = only("meta", feed(value, "comments", "instagram"))
    assert (post["network"], post["post_id"], post["author_handle"]) == ("instagram", "179", "ada")
    assert (post["in_reply_to"], post["created_at"]) == ("m", 1678886400000)


def test_one_document_carries_many_and_bad_ones_do_not_hurt_the_rest() -> None:
    changes = [
        {"field": "feed", "value": v} for v in (COMMENT, COMMENT | {"comment_id": None, "post_id": None}, 5, COMMENT)
    ]
    parsed = parse("meta", {"object": "page", "entry": [{"id": "1", "time": 1, "changes": changes}, 7]})
    assert len(parsed.posts) == 2
    assert [r.reason for r in parsed.refused] == ["missing_field", "bad_field", "bad_field"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "bad_field"),
        ({}, "bad_field"),
        ({"object": "user", "entry": []}, "bad_field"),
        ({"object": "page"}, "missing_field"),
        ({"object": "page", "entry": 5}, "bad_field"),
        (feed(COMMENT | {"message": 5}), "bad_field"),
        (feed(COMMENT | {"message": "\ud83d"}), "bad_text"),
        (feed(COMMENT | {"created_time": "soon"}), "bad_timestamp"),
        (feed("x"), "bad_field"),
        (message({"message": {"text": "no id"}}), "missing_field"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str) -> None:
    assert refusal("meta", document) == reason


def whatsapp(*messages: Any, **more: Any) -> dict[str, Any]:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": "1"},
        "contacts": [{"profile": {"name": "Ada"}, "wa_id": "2348031234567"}],
        "messages": list(messages),
    } | more
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "8", "changes": [{"field": "messages", "value": value}]}],
    }


WA: dict[str, Any] = {"from": "2348031234567", "id": "wamid.1", "timestamp": "1454119029", "type": "text"}


def test_reads_whatsapp_messages() -> None:
    post = only("meta", whatsapp(WA | {"text": {"body": "Hello World"}, "context": {"id": "wamid.0"}}))
    assert (post["network"], post["post_id"], post["author_id"]) == ("whatsapp", "wamid.1", "2348031234567")
    assert (post["text"], post["created_at"], post["in_reply_to"]) == ("Hello World", 1454119029000, "wamid.0")
    assert post["attributes"] == {"direct": "true", "author_name": "Ada"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"type": "image", "image": {"id": "1", "caption": "Check this"}}, "Check this"),
        ({"type": "document", "document": {"id": "1", "caption": "Bill", "filename": "b.pdf"}}, "Bill"),
        ({"type": "button", "button": {"text": "No", "payload": "p"}}, "No"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "0", "title": "Yes"}},
            },
            "Yes",
        ),
        (
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "0", "title": "Data"}}},
            "Data",
        ),
        ({"type": "location", "location": {"latitude": 6.5, "longitude": 3.4, "name": "Yaba"}}, "Yaba"),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "nfm_reply",
                    "nfm_reply": {
                        "body": "Sent",
                        "response_json": '{"flow_token":"t","what":"no data","where":"Yaba"}',
                    },
                },
            },
            "no data\nYaba",
        ),
    ],
)
def test_reads_what_stands_for_text(content: dict[str, Any], text: str) -> None:
    assert only("meta", whatsapp(WA | content))["text"] == text


def test_keeps_where_a_location_is() -> None:
    post = only(
        "meta", whatsapp(WA | {"type": "location", "location": {"latitude": 6.5, "longitude": 3, "name": "Yaba"}})
    )
    assert (post["attributes"]["latitude"], post["attributes"]["longitude"], post["place"]) == ("6.5", "3", "Yaba")


def test_reads_a_customer_who_hides_the_number() -> None:
    hidden = {k: v for k, v in WA.items() if k != "from"} | {"from_user_id": "NG.1", "text": {"body": "x"}}
    assert only("meta", whatsapp(hidden))["author_id"] == "NG.1"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (whatsapp(WA | {"type": "reaction", "reaction": {"emoji": "x"}}), "unknown_event"),
        (whatsapp(WA | {"type": "unsupported", "errors": [{"code": 131051}]}), "unknown_event"),
        (whatsapp(WA | {"type": "audio", "audio": {"id": "1"}}), "empty"),
        (
            {
                "object": "whatsapp_business_account",
                "entry": [
                    {
                        "id": "8",
                        "changes": [
                            {"field": "messages", "value": {"statuses": [{"id": "wamid.1", "status": "sent"}]}}
                        ],
                    }
                ],
            },
            "delivery_receipt",
        ),
        (
            {
                "object": "whatsapp_business_account",
                "entry": [{"id": "8", "changes": [{"field": "x", "value": {"errors": [{"code": 1}]}}]}],
            },
            "unknown_event",
        ),
    ],
)
def test_ignores_what_is_no_message(document: dict[str, Any], reason: str) -> None:
    assert ignored("meta", document) == {reason: 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"from": None}, "missing_field"), ({"id": None}, "missing_field"), ({"timestamp": "asdf"}, "bad_timestamp")],
)
def test_refuses_a_message_without_what_it_needs(change: dict[str, Any], reason: str) -> None:
    assert refusal("meta", whatsapp(WA | {"text": {"body": "x"}} | change)) == reason


def test_one_bad_message_does_not_hurt_the_rest() -> None:
    parsed = parse("meta", whatsapp(WA | {"text": {"body": "a"}}, 5, WA | {"text": {"body": "b"}}))
    assert [p["text"] for p in parsed.posts] == ["a", "b"]
    assert len(parsed.refused) == 1
