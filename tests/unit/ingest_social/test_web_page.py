"""Reading pages politely."""

from typing import Any

import httpx
import pytest

from services.ingest_social.feed import Page, TryLater
from services.ingest_social.networks.web import Selectors
from services.ingest_social.robots import Robots
from services.ingest_social.watch import Watch
from services.ingest_social.web_page import WebPage
from tests.unit.ingest_social.documents_of import NOW
from tests.unit.ingest_social.replay import Answer, replay

AGENT = "complaints-test/1 (+mailto:care@beejan.example)"
HTML = {"Content-Type": "text/html; charset=utf-8"}
ALLOWED = Answer("User-agent: *\nCrawl-delay: 120\nDisallow: /private/\nDisallow: /*?print=\n")


def page(*posts: str, **headers: str) -> Answer:
    return Answer("".join(f"<li id='{n}'>{text}</li>" for n, text in enumerate(posts)), headers=HTML | headers)


def make(url: str, path: str = "/list", **options: Any) -> WebPage:
    robots = options.pop("robots", None) or Robots(AGENT)
    selectors = Selectors(post="li")
    return WebPage("w", url + path, selectors, AGENT, 60, Watch(()), str, robots, sleep=lambda _: None, **options)


def poll(feed: WebPage, cursor: str = "") -> Page:
    with httpx.Client(timeout=5) as client:
        return feed.poll(client, cursor, NOW)


def texts(found: Page) -> list[str]:
    return [post["text"] for post in found.parsed.posts]


def test_gives_what_is_new_under_a_named_agent_and_asks_for_the_rules_once() -> None:
    with replay(ALLOWED, page("one", ETag='"a"'), Answer(status=304), page("one", "two")) as server:
        feed = make(server.url)
        first = poll(feed)
        second = poll(feed, first.cursor)
        third = poll(feed, second.cursor)
    assert (texts(first), texts(second), texts(third)) == (["one"], [], ["two"])
    assert [asked[0] for asked in server.asked] == ["/robots.txt", "/list", "/list", "/list"]
    assert {asked[2]["user-agent"] for asked in server.asked} == {AGENT}
    assert server.asked[2][2]["if-none-match"] == '"a"'
    assert first.parsed.posts[0]["attributes"]["fetched_at"] == str(NOW)
    assert feed.pause == 120


@pytest.mark.parametrize("path", ["/private/x", "/list?print=1"])
def test_what_the_site_forbids_is_not_read(path: str) -> None:
    with replay(ALLOWED) as server, pytest.raises(TryLater, match="forbids"):
        poll(make(server.url, path))
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "is_read"), [(404, True), (403, True), (500, False), (503, False), (429, False)])
def test_a_site_without_rules_is_read_and_one_whose_rules_fail_is_not(status: int, is_read: bool) -> None:
    with replay(Answer(status=status), page("one")) as server:
        if is_read:
            assert texts(poll(make(server.url))) == ["one"]
        else:
            with pytest.raises(TryLater, match="means no"):
                poll(make(server.url))
            assert len(server.asked) == 1


def test_rules_are_asked_for_again_after_a_day() -> None:
    now = [0.0]
    robots = Robots(AGENT, clock=lambda: now[0])
    with replay(ALLOWED, page("one"), Answer("User-agent: *\nDisallow: /")) as server:
        feed = make(server.url, robots=robots)
        poll(feed)
        now[0] = 86_401.0
        with pytest.raises(TryLater, match="forbids"):
            poll(feed)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Answer(status=429, headers={"Retry-After": "30"}), 30),
        (Answer(status=500), None),
        (Answer(b"%PDF", headers={"Content-Type": "application/pdf"}), 3600),
        (Answer("", headers=HTML), 3600),
    ],
)
def test_faults_are_reasons_to_try_later(answer: Answer, seconds: float | None) -> None:
    with replay(ALLOWED, answer) as server, pytest.raises(TryLater) as later:
        poll(make(server.url))
    assert later.value.seconds == seconds
