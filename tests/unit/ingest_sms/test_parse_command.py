"""python -m services.ingest_sms parse."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from services.ingest_sms.__main__ import main


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: bytes, *args: str) -> list[Any]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert main(["parse", *args]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def line(**request: Any) -> bytes:
    return json.dumps(request).encode() + b"\n"


def test_answers_every_request_by_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (
        line(method="post", url="/x", headers={"CONTENT-TYPE": "application/json"}, body='{"sender":"1","text":"a"}')
        + line(method="POST", url="/x", body={"sender": "1", "text": ""})
        + b"\n"
        + line(method="POST", url="/x", body="{}")
        + line(method="POST", url="/x", body_base64="eyJzZW5kZXIiOiIxIiwidGV4dCI6ImIifQ==")
        + line(body=[{"sender": "1", "text": "c"}, {"sender": "1"}])
    )
    answers = run(monkeypatch, capsys, lines, "--gateway", "generic")
    assert [m["text"] for a in answers for m in a.get("messages", [])] == ["a", "b", "c"]
    assert answers[1] == {"ignored": "empty"}
    assert (answers[2]["error"], answers[2]["status"]) == ("missing_field", 400)
    assert answers[4]["rejected"] == [{"index": 1, "error": "missing_field", "detail": "the field text is missing"}]


def test_a_line_that_is_no_request_does_not_stop_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'junk\n[]\n{"body":1}\n' + line(body="from=1"))))
    assert main(["parse", "--gateway", "kannel"]) == 0
    out, err = capsys.readouterr()
    assert [json.loads(answer)["error"] for answer in out.splitlines()] == ["malformed"] * 3 + ["missing_field"]
    assert [text.partition(":")[0] for text in err.splitlines()] == ["line 1", "line 2", "line 3"]


def test_checks_signatures_on_demand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    request = line(method="POST", url="/x", headers={"X-API-Key": "k"}, body='{"sender":"1","text":"a"}')
    secret = tmp_path / "secret"
    secret.write_text("k\n")
    assert "messages" in run(monkeypatch, capsys, request, "--gateway", "generic", "--secret", "k")[0]
    assert "messages" in run(monkeypatch, capsys, request, "--gateway", "generic", "--secret-file", str(secret))[0]
    refused = run(monkeypatch, capsys, request, "--gateway", "generic", "--secret", "other")[0]
    assert (refused["error"], refused["status"]) == ("bad_signature", 401)


def test_reads_files_and_mappings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "acme.yaml").write_text("gateway: acme\nfields: {sender: a, text: b}\n")
    (tmp_path / "requests.jsonl").write_bytes(line(url="/?a=1&b=hi"))
    args = ("--gateway", "generic", "--mapping", str(tmp_path / "acme.yaml"), str(tmp_path / "requests.jsonl"))
    assert run(monkeypatch, capsys, b"", *args)[0]["messages"][0]["gateway"] == "acme"


@pytest.mark.parametrize("args", [["parse"], ["parse", "--gateway", "nobody"], ["nonsense"]])
def test_bad_usage_is_one_line_and_exit_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(args)
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
