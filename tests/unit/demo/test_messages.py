"""The sample input itself: complete, made up, and as varied as it claims to be."""

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from demo import call_center
from demo.messages import Entry, Form, Post, Sms, read
from demo.moments import DAY_MS, moment
from demo.plan import SMS_FILES
from services.domain.identity import canonical_msisdn
from services.domain.vocabulary import CATEGORIES
from services.runtime.errors import PipelineError

NOW = 1_772_449_200_000
SOCIAL_FILES = ("facebook", "instagram", "x", "topic")


@pytest.fixture(scope="module")
def texts() -> list[Sms]:
    return list(chain.from_iterable(read(Sms, f"sms/{name}") for name in SMS_FILES))


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return list(chain.from_iterable(read(Post, f"social/{name}") for name in SOCIAL_FILES))


@pytest.fixture(scope="module")
def forms() -> list[Form]:
    return read(Form, "web_forms/requests")


@pytest.fixture(scope="module")
def entries(texts: list[Sms], posts: list[Post], forms: list[Form]) -> list[Entry]:
    return [*texts, *posts, *forms]


def test_every_channel_has_its_share(texts: list[Sms], posts: list[Post], forms: list[Form]) -> None:
    calls = sum(len(call_center.template(export).splitlines()) - 1 for export in call_center.EXPORTS)
    assert len(texts) >= 220
    assert len(posts) >= 115
    assert len(forms) >= 75
    assert calls >= 120


def test_all_thirteen_categories_and_messages_that_are_no_complaint_occur(entries: list[Entry]) -> None:
    counts = Counter(entry.about for entry in entries)
    assert set(counts) == {*CATEGORIES, "none"}
    assert min(counts.values()) >= 5


def test_nobody_repeats_a_text_unless_it_is_said_to_be_a_repost(entries: list[Entry]) -> None:
    counts = Counter(getattr(entry, "text", "") or getattr(entry, "details", "") for entry in entries)
    written_twice = {text for text, count in counts.items() if count > 1}
    reposts = {getattr(entry, "text", "") for entry in entries if entry.repost_of}
    assert written_twice <= reposts


def test_every_sender_is_a_possible_number_with_zeros_in_its_middle(texts: list[Sms], forms: list[Form]) -> None:
    numbers = [message.sender for message in texts] + [form.phone for form in forms if form.phone]
    for number in numbers:
        assert canonical_msisdn(number)
        assert number[4:7] == "000"


def test_numbers_inside_texts_are_made_up_too(texts: list[Sms], posts: list[Post], forms: list[Form]) -> None:
    written = [message.text for message in texts] + [post.text for post in posts] + [form.details for form in forms]
    written += [call_center.template(export) for export in call_center.EXPORTS]
    for text in written:
        for found in re.findall(r"(?<!\d)(?:\+?234|0)[789][01]\d(?:[ -]?\d){7}(?!\d)", text):
            digits = re.sub(r"\D", "", found)
            assert "000" in digits[4:10], text[:40]


def test_mail_addresses_are_in_domains_that_belong_to_nobody(entries: list[Entry]) -> None:
    for entry in entries:
        for domain in re.findall(r"\w@([\w.-]+\w)", entry.model_dump_json()):
            assert domain in {"example.com", "example.org"}


def test_a_repost_is_the_same_persons_within_72_hours_of_an_entry_of_that_name(entries: list[Entry]) -> None:
    named = {entry.name: entry for entry in entries if entry.name}
    reposts = [entry for entry in entries if entry.repost_of]
    assert len(reposts) >= 6
    for repost in reposts:
        first = named[repost.repost_of]
        assert _person(repost) == _person(first)
        assert abs(moment(repost.at, NOW) - moment(first.at, NOW)) < 3 * DAY_MS


def _person(entry: Entry) -> str:
    if isinstance(entry, Sms):
        return entry.sender
    if isinstance(entry, Form):
        return entry.phone or ""
    assert isinstance(entry, Post)
    return entry.who


def test_the_outage_is_reported_by_many_people_within_ten_minutes(texts: list[Sms]) -> None:
    burst = [message for message in texts if message.via]
    moments = [moment(message.at, NOW) for message in burst]
    assert len({message.sender for message in burst}) == len(burst) >= 25
    assert min(moments) >= NOW - 30 * 60_000
    assert sum("korodu" in message.text.casefold() or "ìkòròdú" in message.text.casefold() for message in burst) >= 25


def test_most_messages_are_of_the_last_days(entries: list[Entry]) -> None:
    recent = sum(moment(entry.at, NOW) > NOW - 4 * DAY_MS for entry in entries)
    assert recent > len(entries) / 2


def test_a_bad_line_is_named_without_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.messages.DATA", tmp_path)
    good = '{"from": "08030001000", "text": "Hello", "about": "none"}\n'
    (tmp_path / "bad.jsonl").write_text(good + good.replace("08030001000", "08030001"))
    with pytest.raises(PipelineError, match=r"bad\.jsonl, line 2: from") as caught:
        read(Sms, "bad")
    assert "08030001" not in str(caught.value)
