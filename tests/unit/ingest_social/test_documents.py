"""Splitting what networks send, and the parse command over it."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from services.ingest_social.__main__ import main
from services.ingest_social.documents import ServerSentEvents, documents

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "samples"
has_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendors' samples (shared/data/samples) are not here")


def test_lines_are_documents_and_events_are_put_together() -> None:
    raw = b'{"id":1}\n\nevent: update\ndata: {"a":1,\ndata: "b":2}\n\n: keep-alive\n\nevent: delete\ndata: 7\n'
    lines = raw.splitlines(keepends=True)
    found = [json.loads(raw) for _, raw in documents("mastodon", lines)]
    assert found == [
        {"id": 1},
        {"event": "update", "data": '{"a":1,\n"b":2}'},
        {"event": "delete", "data": "7"},
    ]


def test_feeds_may_be_one_a_line_or_span_lines() -> None:
    lines = [b"<rss>1</rss>\n", b"<!-- c -->\n", b"<feed>\n", b"2</feed>\n", b'"<rss>3</rss>"\n', b"<rss>4\n"]
    found = [(n, raw.replace(b"\n", b"")) for n, raw in documents("rss", lines)]
    assert found == [
        (1, b"<rss>1</rss>"),
        (4, b"<!-- c --><feed>2</feed>"),
        (5, b'"<rss>3</rss>"'),
        (6, b"<rss>4"),
    ]


def test_events_without_data_or_of_several_lines() -> None:
    events = ServerSentEvents()
    fed = [events.feed(line) for line in ("event:x", "", "data:a", "data: b", "id: 1", "", "data", "")]
    assert [event for event in fed if event] == [("message", "a\nb"), ("message", "")]


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raw: bytes, *args: str) -> list[Any]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert main(["parse", *args]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_answer_a_document(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raw = b'{"data":{"id":"1","text":"hi"}}\njunk\n{"data":[{"id":"2"},{"text":"x"}]}\n{"data":[{"text":"x"}]}\n'
    first, second, third, fourth = run(monkeypatch, capsys, raw, "--network", "x")
    assert first["posts"][0]["post_id"] == "1"
    assert (second["error"], second["status"]) == ("malformed", 400)
    assert (third["ignored"], third["refused"][0]["reason"]) == ({"empty": 1}, "missing_field")
    assert fourth["error"] == "missing_field"


def test_pages_are_read_by_given_selectors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "s.yaml").write_text("post: li\n")
    raw = json.dumps({"url": "https://a.example", "html": "<ul><li>one<li>two</ul>"}).encode()
    [answer] = run(monkeypatch, capsys, raw, "--network", "web", "--selectors", str(tmp_path / "s.yaml"))
    assert [post["text"] for post in answer["posts"]] == ["one", "two"]
    (tmp_path / "s.yaml").write_text("colour: li\n")
    assert main(["parse", "--network", "web", "--selectors", str(tmp_path / "s.yaml")]) == 1


@pytest.mark.parametrize("args", [["parse"], ["parse", "--network", "myspace"], ["nonsense"]])
def test_bad_usage_is_one_line_and_exit_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(args)
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@has_samples
@pytest.mark.parametrize(
    ("network", "name", "expected"),
    [
        ("x", "x_api_v2/docs_filtered_stream_event.json", [("1234567890", "catperson", 1705314900000)]),
        ("x", "x_api_v2/docs_reference_1.json", [("1307025659294674945", "TwitterDev", 1600454175000)]),
        ("meta", "meta_page_feed/comment_add_full.json", [("987654321098765", None, 1678886390000)]),
        ("mastodon", "mastodon/status_entity.json", [("103270115826048975", "Gargron", 1575776913901)]),
        ("rss", "rss_atom/tests__wellformed__rss__item_pubDate.xml", None),
    ],
)
def test_samples(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], network: str, name: str, expected: Any
) -> None:
    raw = (SAMPLES / name).read_bytes()
    raw = raw if network == "rss" else raw.replace(b"\n", b"")
    [answer] = run(monkeypatch, capsys, raw, "--network", network)
    if expected is None:
        assert answer["posts"][0]["created_at"] == 1072986501000
    else:
        assert [(p["post_id"], p["author_handle"], p["created_at"]) for p in answer["posts"]] == expected


@has_samples
def test_the_streaming_sample(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raw = (SAMPLES / "mastodon/streaming_sse.txt").read_bytes()
    answers = run(monkeypatch, capsys, raw, "--network", "mastodon")
    assert answers[0]["ignored"] == {"unknown_event": 1}  # unlisted
    assert [(p["action"], p["post_id"]) for a in answers[1:] for p in a["posts"]] == [
        ("updated", "109348677773283527"),
        ("created", "108914354907984653"),
        ("deleted", "107214471804101576"),
    ]
