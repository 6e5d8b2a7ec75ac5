import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from services.classifier.cli import main
from tests.unit.classifier.model.small import small_model


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], stdin: bytes = b""
) -> Any:
    class Standard:
        buffer = io.BytesIO(stdin)

    monkeypatch.setattr(sys, "stdin", Standard())
    try:
        code = main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


FIELDS = {
    "id", "is_complaint", "category", "subcategory", "urgency", "impact", "priority", "risk", "risk_score",
    "sentiment", "language", "operator", "state", "lga", "confidence", "needs_review", "reasons",
}  # fmt: skip


def test_json_lines_in_json_lines_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (
        '{"id": 1, "text": "no network in our estate at Ikeja since morning", "channel": "sms"}\n'
        "\n"
        '{"id": "b", "text": "Thank you", "occurred_at": "2026-11-24T10:00:00Z", "state": "Kano"}\n'
    )
    code, out, err = run(monkeypatch, capsys, ["classify"], lines.encode())
    assert (code, err) == (0, "")
    first, second = (json.loads(line) for line in out.splitlines())
    assert set(first) == FIELDS
    assert (first["id"], first["category"], first["priority"]) == (1, "network_outage", "P1")
    assert (first["state"], first["lga"]) == ("Lagos", "Ikeja")
    assert (second["id"], second["is_complaint"], second["priority"], second["state"]) == ("b", False, "P5", "Kano")


def test_a_bad_line_is_named_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        b'{"id": 1, "text": "no network"}',
        b"secret",
        b'{"id": 2}',
        b'{"id": 3, "text": 5}',
        b'["text"]',
        b'{"text": "x", "channel": "secret"}',
        b'{"text": "x", "state": 5}',
        b'{"text": "x", "reach": "many"}',
        b'{"text": "\xff"}',
        b'{"id": 4, "text": "no network"}',
    ]
    code, out, err = run(monkeypatch, capsys, ["classify"], b"\n".join(lines))
    assert code == 1
    assert [json.loads(line)["id"] for line in out.splitlines()] == [1, 4]
    assert [line.split(":")[0] for line in err.splitlines()] == [f"line {number}" for number in range(2, 10)]
    assert "secret" not in err


def test_a_file_is_read_and_a_missing_one_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "text": "no network"}\n')
    assert run(monkeypatch, capsys, ["classify", str(tmp_path / "a.jsonl")])[0] == 0
    code, _, err = run(monkeypatch, capsys, ["classify", str(tmp_path / "b.jsonl")])
    assert code == 1
    assert "cannot be read" in err


@pytest.mark.parametrize(
    "arguments",
    [[], ["guess"], ["classify", "--nonsense"], ["train", "--only"], ["train", "--folds", "1"], ["compare", "test"]],
)
def test_bad_usage_exits_with_two_and_one_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(monkeypatch, capsys, arguments)
    assert code == 2
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["classify", "train", "evaluate", "compare", "compose"])
def test_help_shows_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, [command, "--help"])
    assert code == 0
    assert f"python -m services.classifier {command}" in out.split("example:")[1]


def test_a_model_is_trained_evaluated_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "export.csv"
    rows = ["text,category,is_complaint"]
    for number in range(8):
        rows += [
            f"my data is too slow since {number} am,internet_data,1",
            f"you deducted N{number}00 from me,billing_overcharge,1",
            f"how do i buy {number} gb,other,0",
        ]
    export.write_text("\n".join([*rows, "x,weather,1"]))
    ours = tmp_path / "ours.npz"
    code, out, err = run(monkeypatch, capsys, ["train", str(export), "--only", "--folds", "0", "--output", str(ours)])
    assert (code, ours.exists()) == (1, True)
    assert "24 texts" in out
    assert "line 26: category is none of the thirteen" in err
    code, out, _ = run(monkeypatch, capsys, ["evaluate", str(export), "--model", str(ours)])
    assert "category macro-F1    1.000" in out
    small_model().save(tmp_path / "small.npz")
    models = ["--model", str(tmp_path / "small.npz"), "--model", str(ours)]
    code, out, _ = run(monkeypatch, capsys, ["compare", str(export), *models])
    assert "McNemar" in out
    assert "small.npz" in out


def test_a_file_without_labelled_texts_and_a_file_that_is_no_model_give_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("message\nhello\n")
    code, _, err = run(monkeypatch, capsys, ["evaluate", str(tmp_path / "a.csv")])
    assert code == 1
    assert "text and category" in err
    code, _, err = run(monkeypatch, capsys, ["classify", "--model", str(tmp_path / "a.csv")])
    assert (code, len(err.splitlines())) == (1, 1)


def test_composing_again_gives_the_shipped_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = Path(__file__).parents[3] / "services" / "classifier" / "data" / "composed.tsv"
    assert run(monkeypatch, capsys, ["compose", "--output", str(tmp_path / "c.tsv")])[0] == 0
    assert (tmp_path / "c.tsv").read_bytes() == shipped.read_bytes()
