"""The cleaner's command line."""

import io
import json
import sys
from pathlib import Path

import pytest

from services.cleaner.cli import parser
from services.runtime.cli import run


def call(argv: list[str], monkeypatch: pytest.MonkeyPatch, stdin: bytes = b"") -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    return run(parser(), argv)


def test_mask_answers_each_line(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = '{"id": 7, "text": "Ẹ pe 08031234567"}\n\n{"id": "b", "text": "I have had no service since yesterday"}\n'
    assert call(["mask"], monkeypatch, lines.encode()) == 0
    out = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert out[0]["id"] == 7
    assert out[0]["text"] == "Ẹ pe [PHONE_1]"
    assert out[0]["spans"] == [{"start": 5, "end": 16, "type": "PHONE"}]
    assert out[1] == {
        "id": "b",
        "text": "I have had no service since yesterday",
        "spans": [],
        "language": "en",
    }


def test_bad_lines_are_named_by_number_without_their_content(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    lines = b'{"id": 1, "text": "ok"}\n08031234567\n{"id": 3}\n{"id": 4, "text": "still"}\n\xff\n'
    assert call(["mask"], monkeypatch, lines) == 1
    captured = capfdbinary.readouterr()
    assert [json.loads(line)["id"] for line in captured.out.splitlines()] == [1, 4]
    errors = captured.err.decode().splitlines()
    assert [e.split(":")[0] for e in errors] == ["line 2", "line 3", "line 5"]
    assert b"0803" not in captured.err


def test_evaluate_prints_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "marked.jsonl"
    file.write_text('{"id": 1, "markup": "call {{PHONE:08031234567}}"}\n', "utf-8")
    assert call(["evaluate", str(file)], monkeypatch) == 0
    assert "| leak | 0.000 | 0.000 |" in capfd.readouterr().out
    assert call(["evaluate", str(file), "--json"], monkeypatch) == 0
    assert json.loads(capfd.readouterr().out)["as written"]["types"]["PHONE"]["recall"] == 1


def test_an_empty_evaluation_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("", "utf-8")
    assert call(["evaluate", str(file)], monkeypatch) == 1
    assert "nothing to evaluate" in capfd.readouterr().err


def test_a_missing_file_is_one_line(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["mask", "/does/not/exist"], monkeypatch) == 1
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("argv", [[], ["scrub"], ["evaluate"]])
def test_bad_usage_exits_with_two(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit) as stop:
        call(argv, monkeypatch)
    assert stop.value.code == 2


@pytest.mark.parametrize("command", ["mask", "evaluate", "train"])
def test_help_shows_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call([command, "--help"], monkeypatch)
    assert f"python -m services.cleaner {command}" in capfd.readouterr().out
