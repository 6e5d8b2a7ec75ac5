"""Copies of one post."""

import pytest

from services.classifier.outages.copies import text_key

POST = "Beejan has had no network in the whole of Ikorodu since six this morning!"


@pytest.mark.parametrize(
    "copy",
    [
        POST.upper(),
        f"RT @ada: {POST}",
        f"{POST} https://t.co/abc #BeejanDown".replace("#BeejanDown", ""),
        POST.replace("!", "... "),
        f"[HANDLE_1] {POST}",
    ],
)
def test_copies_share_a_key(copy: str) -> None:
    assert text_key(copy, "x") == text_key(POST, "x") is not None


def test_own_words_do_not() -> None:
    assert text_key(POST, "x") != text_key("Since morning we in Ikorodu have not had one bar of Beejan network", "x")


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "call_center", "web_form"])
def test_other_channels_have_none(channel: str) -> None:
    assert text_key(POST, channel) is None


def test_short_texts_have_none_since_they_are_alike_by_chance() -> None:
    assert text_key("No network in Ikorodu!", "x") is None
    assert text_key("", "x") is None


def test_any_characters_are_survived() -> None:
    assert text_key("\ud800" + POST, "x") is not None
