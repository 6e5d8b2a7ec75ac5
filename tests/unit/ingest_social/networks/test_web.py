"""Pages read by CSS selectors."""

from typing import Any

import pytest

from services.ingest_social.networks import web
from services.ingest_social.post import Refused
from tests.unit.ingest_social.documents_of import NOW, ignored, only, parse, refusal

PAGE = """<html><body><nav>menu</nav>
<article id="p1"><a class="author">Ada</a><time datetime="2026-03-02T06:04:45Z">today</time>
<div class="body"><p>No network</p><script>x()</script></div><a rel="bookmark" href="/t/1">link</a></article>
<article id="p2"><span class="author">Obi</span><div class="body">No data</div></article></body></html>"""
DOCUMENT = {"url": "https://forum.example/list", "html": PAGE, "selectors": {"post": "article", "text": ".body"}}


def test_reads_posts_by_selectors() -> None:
    first, second = parse("web", DOCUMENT).posts
    assert first == {
        "post_id": "forum.example/p1",
        "network": "web",
        "action": "created",
        "author_id": "forum.example/Ada",
        "author_handle": "Ada",
        "text": "No network",
        "created_at": NOW,
        "language": None,
        "in_reply_to": None,
        "url": "https://forum.example/t/1",
        "place": None,
        "followers": None,
        "attributes": {},
    }
    assert (second["post_id"], second["text"]) == ("forum.example/p2", "No data")
    assert second["attributes"] == {"imputed": "occurred_at"}


def test_posts_without_id_are_named_by_link_or_text() -> None:
    document = DOCUMENT | {"selectors": {"post": "article", "text": ".body", "id": "@data-id"}}
    first, second = parse("web", document).posts
    assert first["post_id"] == "https://forum.example/t/1"
    assert second["post_id"].startswith("sha256:")


def test_reads_a_bare_page_with_the_default_selectors() -> None:
    assert "No network" in parse("web", PAGE).posts[0]["text"]


def test_a_page_without_posts_is_empty() -> None:
    assert ignored("web", "<p>nothing here</p>") == {"empty": 1}


def test_a_bad_time_refuses_the_post_alone() -> None:
    parsed = parse("web", DOCUMENT | {"html": PAGE.replace("2026-03-02T06:04:45Z", "today")})
    assert [p["post_id"] for p in parsed.posts] == ["forum.example/p2"]
    assert [r.reason for r in parsed.refused] == ["bad_timestamp"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "malformed"),
        (5, "malformed"),
        ({"url": "x"}, "malformed"),
        ({"html": 5}, "bad_field"),
        (DOCUMENT | {"selectors": {"colour": "x"}}, "bad_field"),
        (DOCUMENT | {"selectors": {"post": "p:::["}}, "bad_field"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str) -> None:
    assert refusal("web", document) == reason


def test_selectors_may_be_given_by_the_caller() -> None:
    selectors = web.Selectors(post="li", text="", author="b", time="i", link="a@href")
    parsed = web.parse("<ul><li><b>Ada</b><i>1772431485</i> says hi</li></ul>", 5, selectors)
    assert (parsed.posts[0]["author_handle"], parsed.posts[0]["created_at"]) == ("Ada", NOW)
    with pytest.raises(Refused):
        web.parse("<p>x</p>", 5, web.Selectors(post="["))
    assert only("web", "<article>x</article>")["text"] == "x"
