"""RSS and Atom."""

import pytest

from tests.unit.ingest_social.documents_of import NOW, ignored, only, parse, refusal

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Forum</title><link>https://forum.example/</link>
<item><title>No &amp;amp; network</title><link>https://forum.example/1</link><guid isPermaLink="false">n-1</guid>
<dc:creator>Ada</dc:creator><pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>
<description>&lt;p&gt;since &lt;b&gt;Monday&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><entry><id>urn:1</id><title>Slow data</title>
<author><name>Obi</name></author><published>2026-03-01T10:00:00+01:00</published><updated>%s</updated>
<link href="https://blog.example/1"/><content type="html">&lt;p&gt;very slow&lt;/p&gt;</content></entry></feed>"""


def test_reads_rss() -> None:
    post = only("rss", RSS)
    assert (post["post_id"], post["text"], post["created_at"]) == ("n-1", "No & network\n\nsince Monday", 1072986501000)
    assert (post["author_handle"], post["author_id"]) == ("Ada", "forum.example/Ada")
    assert (post["url"], post["action"]) == ("https://forum.example/1", "created")
    assert only("rss", RSS.encode()) == post


def test_reads_atom_and_its_edits() -> None:
    first, later = (only("rss", ATOM % f"2026-03-0{day}T09:00:00Z") for day in (1, 2))
    assert (first["post_id"], first["text"], first["action"]) == ("urn:1", "Slow data\n\nvery slow", "created")
    assert first["created_at"] == 1772355600000
    assert (later["action"], later["created_at"] - first["created_at"]) == ("updated", 86_400_000)
    assert later["attributes"]["posted_at"] == str(first["created_at"])


def test_without_a_guid_the_link_names_an_entry_and_without_both_what_it_says() -> None:
    assert only("rss", RSS.replace('<guid isPermaLink="false">n-1</guid>', ""))["post_id"] == "https://forum.example/1"
    bare = "<rss version='2.0'><channel><item><title>x</title></item></channel></rss>"
    post = only("rss", bare)
    assert post["post_id"].startswith("sha256:")
    assert post["post_id"] == only("rss", bare)["post_id"] != only("rss", bare.replace("x", "y"))["post_id"]
    assert (post["created_at"], post["attributes"]) == (NOW, {"imputed": "occurred_at"})


def test_a_feed_without_entries_is_empty() -> None:
    assert ignored("rss", "<rss version='2.0'><channel><title>x</title></channel></rss>") == {"empty": 1}


@pytest.mark.parametrize("document", ["", "   ", "hello", "<html><body>x</body></html>", "{}", b"\xff\xfe"])
def test_refuses_what_is_no_feed(document: str | bytes) -> None:
    assert refusal("rss", document) == "malformed"


@pytest.mark.parametrize("document", ["/etc/hostname", "http://127.0.0.1:1/", "file:///etc/hostname"])
def test_a_document_is_never_taken_for_an_address(document: str) -> None:
    assert refusal("rss", document) == "malformed"


def test_reads_what_it_can_of_a_torn_feed() -> None:
    assert parse("rss", RSS[: RSS.index("</description>")]).posts[0]["post_id"] == "n-1"


def test_entities_are_not_expanded() -> None:
    bomb = (
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
    )
    text = bomb + "<rss version='2.0'><channel><item><title>&c;</title><guid>g</guid></item></channel></rss>"
    for post in parse("rss", text).posts:
        assert len(post["text"]) < 100
