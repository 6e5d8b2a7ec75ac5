"""Feeds against a server that replays answers, faults included."""

import re
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ingest_social import feeds_file
from services.ingest_social.feed import Feed, Page, TryLater
from services.ingest_social.polled import MastodonTimeline, RedditListing, RssFeed
from services.ingest_social.watch import Watch
from services.ingest_social.x_search import XSearch
from services.runtime.errors import SettingsError
from tests.unit.ingest_social.documents_of import NOW
from tests.unit.ingest_social.replay import Answer, replay

ALL = Watch(())
BASE = 1307025659294674945


def tweets(*numbers: int, **meta: Any) -> dict[str, Any]:
    """A page of search, newest first as X gives it."""
    found = [{"id": str(BASE + n), "text": f"post {n}"} for n in sorted(numbers, reverse=True)]
    ids = {"newest_id": found[0]["id"], "oldest_id": found[-1]["id"]} if found else {}
    return ({"data": found} if found else {}) | {"meta": {"result_count": len(found)} | ids | meta}


def statuses(*numbers: int) -> list[dict[str, Any]]:
    return [
        {"id": str(1000 + n), "created_at": "2026-03-02T06:04:45Z", "content": f"<p>no network {n} #beejan</p>",
         "account": {"acct": "ada"}} for n in sorted(numbers, reverse=True)
    ]  # fmt: skip


def x(url: str) -> Feed:
    return XSearch("x", url, "tok", "@beejan", 60)


def mastodon(url: str) -> Feed:
    return MastodonTimeline("m", url, "beejan", "", 60, ALL)


def reddit(url: str) -> Feed:
    return RedditListing("r", url, "r/nigeria/new", {"User-Agent": "test/1"}, 60, ALL, str)


def rss(url: str) -> Feed:
    return RssFeed("f", f"{url}/feed.xml", 60, ALL, str)


MAKERS: dict[str, Callable[[str], Feed]] = {"x": x, "mastodon": mastodon, "reddit": reddit, "rss": rss}


def poll(feed: Feed, cursor: str = "", now: int = NOW) -> Page:
    with httpx.Client(timeout=5) as client:
        return feed.poll(client, cursor, now)


def texts(page: Page) -> list[str]:
    return [post["text"] for post in page.parsed.posts]


@pytest.mark.parametrize("name", sorted(MAKERS))
@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Answer(status=500), None),
        (Answer(status=429, headers={"Retry-After": "7"}), 7),
        (Answer(status=429), 60),
        (Answer(status=401), 300),
        (Answer(b'{"data":[{"id":"1"', torn=False), None),
        (Answer({"data": "x" * 500}, torn=True), None),
        (Answer(b"<html>maintenance</html>"), None),
    ],
)
def test_every_fault_is_a_reason_to_try_later(name: str, answer: Answer, seconds: float | None) -> None:
    with replay(answer) as server, pytest.raises(TryLater) as later:
        poll(MAKERS[name](server.url))
    assert later.value.seconds == seconds


@pytest.mark.parametrize("name", sorted(MAKERS))
@pytest.mark.parametrize("form", ["date", "reset"])
def test_a_moment_that_the_network_names_is_waited_for(name: str, form: str) -> None:
    at = time.time() + 600
    headers = {"date": {"Retry-After": formatdate(at, usegmt=True)}, "reset": {"x-rate-limit-reset": str(int(at))}}[
        form
    ]
    with replay(Answer(status=429, headers=headers)) as server, pytest.raises(TryLater) as later:
        poll(MAKERS[name](server.url))
    assert later.value.seconds is not None
    assert 300 < later.value.seconds <= 600


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_server_that_is_away_is_a_reason_to_try_later(name: str) -> None:
    with pytest.raises(TryLater, match="does not answer"):
        poll(MAKERS[name]("http://127.0.0.1:9"))


def test_x_reads_all_pages_oldest_first_and_goes_on_from_the_newest() -> None:
    pages = [Answer(tweets(5, 4, next_token="a")), Answer(tweets(3, 2, 1)), Answer(tweets())]
    with replay(*pages) as server:
        page = poll(x(server.url), str(BASE))
        assert texts(page) == [f"post {n}" for n in range(1, 6)]
        assert page.cursor == str(BASE + 5)
        nothing = poll(x(server.url), page.cursor)
        assert (texts(nothing), nothing.cursor) == ([], page.cursor)
    (_, first, headers), (_, second, _), (_, third, _) = server.asked[:3]
    assert (first["since_id"], first["query"], headers["authorization"]) == (str(BASE), "@beejan", "Bearer tok")
    assert (second["next_token"], third["since_id"]) == ("a", page.cursor)


def test_x_goes_on_downwards_when_the_rate_limit_ends_in_the_middle() -> None:
    spent = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.time()) + 60)}
    pages = [Answer(tweets(5, 4, next_token="a"), headers=spent), Answer(tweets(3, 2))]
    with replay(*pages) as server:
        first = poll(x(server.url), str(BASE + 1))
        assert texts(first) == ["post 4", "post 5"]
        second = poll(x(server.url), first.cursor)
    assert texts(second) == ["post 2", "post 3"]
    assert second.cursor == str(BASE + 5)
    assert (server.asked[1][1]["since_id"], server.asked[1][1]["until_id"]) == (str(BASE + 1), str(BASE + 4))


def test_x_starts_anew_when_the_cursor_is_older_than_the_search_goes() -> None:
    with replay(Answer(status=400), Answer(tweets(9))) as server:
        assert texts(poll(x(server.url), "5")) == ["post 9"]
    assert "since_id" in server.asked[0][1]
    assert "since_id" not in server.asked[1][1]


def test_mastodon_pages_upwards_from_the_cursor() -> None:
    with replay(Answer(statuses(*range(1, 41))), Answer(statuses(41, 42))) as server:
        page = poll(mastodon(server.url), "1000")
    assert texts(page) == [f"no network {n} #beejan" for n in range(1, 43)]
    assert page.cursor == "1042"
    assert [asked[1].get("min_id") for asked in server.asked] == ["1000", "1040"]
    assert server.asked[0][0] == "/api/v1/timelines/tag/beejan"


def test_reddit_gives_only_what_is_new_or_changed() -> None:
    def listing(*posts: tuple[str, str]) -> Answer:
        children = [
            {"kind": "t3", "data": {"name": f"t3_{n}", "title": t, "created_utc": 1772431485}} for n, t in posts
        ]
        return Answer({"kind": "Listing", "data": {"children": children}})

    with replay(listing(("b", "two"), ("a", "one")), listing(("c", "three"), ("b", "two!"), ("a", "one"))) as server:
        first = poll(reddit(server.url))
        second = poll(reddit(server.url), first.cursor, NOW + 5)
        third = poll(reddit(server.url), second.cursor)
    assert texts(first) == ["one", "two"]
    assert [(p["text"], p["action"], p["created_at"]) for p in second.parsed.posts] == [
        ("two!", "updated", NOW + 5),
        ("three", "created", NOW),
    ]
    assert texts(third) == []
    assert server.asked[0][2]["user-agent"] == "test/1"


ITEM = "<item><guid>%s</guid><title>%s</title></item>"


def test_rss_asks_conditionally_and_gives_only_what_is_new() -> None:
    feed = "<rss version='2.0'><channel>" + ITEM % (1, "one") + "%s</channel></rss>"
    cached = {"ETag": '"v1"', "Last-Modified": "Mon, 02 Mar 2026 06:00:00 GMT"}
    answers = [Answer(feed % "", headers=cached), Answer(status=304), Answer(feed % (ITEM % (2, "two")))]
    with replay(*answers) as server:
        first = poll(rss(server.url))
        second = poll(rss(server.url), first.cursor)
        third = poll(rss(server.url), second.cursor)
    assert (texts(first), texts(second), texts(third)) == (["one"], [], ["two"])
    assert server.asked[1][2]["if-none-match"] == '"v1"'
    assert server.asked[1][2]["if-modified-since"] == cached["Last-Modified"]


def test_cursors_hold_nothing_of_what_was_written() -> None:
    feed = "<rss version='2.0'><channel>" + ITEM % ("08031234567", "call 08031234567") + "</channel></rss>"
    with replay(Answer(feed)) as server:
        digest = RssFeed("f", server.url, 60, ALL, lambda text: f"{hash(text) & 0xFFFF:04x}")
        assert "0803" not in poll(digest).cursor


def test_an_answer_without_end_is_refused() -> None:
    with replay(Answer(b"x" * 9_000_000)) as server, pytest.raises(TryLater, match="more than"):
        poll(rss(server.url))


def load(tmp_path: Path, text: str) -> list[Feed]:
    (tmp_path / "feeds.yaml").write_text(text)
    return feeds_file.load(tmp_path / "feeds.yaml", str)


def test_the_file_names_all_feeds(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    feeds = load(
        tmp_path,
        f"""
        watch: ['@beejan', '#beejan', '#BeejanDown']
        feeds:
          - {{name: x, network: x, every: 30, token_file: {tmp_path}/token}}
          - {{name: toots, network: mastodon, base_url: "https://m.example"}}
          - {{name: naija, network: reddit, path: r/nigeria/new}}
          - {{name: forum, network: rss, url: "https://f.example/rss", watch: []}}
        """,
    )
    assert [(feed.name, feed.pause) for feed in feeds] == [
        ("x", 30), ("toots", 60), ("toots-1", 60), ("naija", 60), ("forum", 60),
    ]  # fmt: skip


def test_streams_have_one_feed_a_tag(tmp_path: Path) -> None:
    feeds = load(
        tmp_path,
        """
        watch: ['#beejan', '#BeejanDown']
        feeds:
          - {name: x, network: x, stream: true}
          - {name: toots, network: mastodon, base_url: "https://m.example", stream: true}
        """,
    )
    assert [(feed.name, type(feed).__name__) for feed in feeds] == [
        ("x", "StreamFeed"), ("toots", "StreamFeed"), ("toots-1", "StreamFeed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"watch: {['#' + 'a' * 300, '#' + 'b' * 300]}\nfeeds: [{{name: a, network: x, stream: true}}]", "shorten"),
        ("feeds: [{name: a, network: myspace}]", "network"),
        ("feeds: [{name: a, network: rss}]", "url"),
        ("feeds: [{name: A B, network: rss, url: x}]", "name"),
        ("feeds: [{name: a, network: x}]", "nothing to watch"),
        ("feeds: [{name: a, network: rss, url: x}, {name: a, network: rss, url: y}]", "same name"),
        ("watch: ['-only']\nfeeds: [{name: a, network: rss, url: x}]", "rule"),
        ("feeds: [{name: a, network: rss, url: x, colour: red}]", "colour"),
        ("feeds: [{name: a, network: reddit, path: x, token_file: /none}]", "token_file"),
        ("{", "YAML"),
    ],
)
def test_a_wrong_file_says_which_entry(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(tmp_path, text)


def test_the_documented_file_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "sources.md").read_text(encoding="utf-8")
    text = page.partition("<!-- example: feeds -->")[2].partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "token").write_text("t")
    feeds = load(tmp_path, re.sub(r"/run/secrets/\w+", str(tmp_path / "token"), text))
    assert [feed.name for feed in feeds] == ["x", "toots", "naija", "forum", "board"]
