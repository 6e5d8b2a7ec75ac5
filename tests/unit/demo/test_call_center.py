"""The call-centre exports."""

from pathlib import Path

import pytest

from demo import call_center
from services.runtime.errors import PipelineError

NOW = 1_772_449_200_000  # 2026-03-02 12:00 in Lagos


def test_times_and_changes_are_filled_in() -> None:
    text = "{{-1d 10:05 | %d/%m/%Y %H:%M}};{{Backlog > Resolved}}"
    assert call_center.render(text, NOW, later=False) == "01/03/2026 10:05;Backlog"
    assert call_center.render(text, NOW, later=True) == "01/03/2026 10:05;Resolved"


def test_a_change_may_hold_a_time() -> None:
    text = "{{cut > whole,{{-1d 10:05 | %H:%M}}}}"
    assert call_center.render(text, NOW, later=True) == "whole,10:05"


def test_a_placeholder_that_is_neither_is_refused() -> None:
    with pytest.raises(PipelineError, match="neither a time nor a change"):
        call_center.render("{{Backlog}}", NOW, later=False)


def test_every_placeholder_of_the_exports_is_filled(tmp_path: Path) -> None:
    for later in (False, True):
        call_center.write(tmp_path / str(later), NOW, later=later)
        for export in call_center.EXPORTS:
            content = (tmp_path / str(later) / export.file).read_bytes()
            assert b"{" not in content.replace(b"\0", b"")


def test_the_exports_come_in_three_encodings(tmp_path: Path) -> None:
    call_center.write(tmp_path, NOW, later=False)
    assert (tmp_path / "lagos.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "enugu.tsv").read_bytes().startswith((b"\xff\xfe", b"\xfe\xff"))
    with pytest.raises(UnicodeDecodeError):
        (tmp_path / "kano.csv").read_text(encoding="utf-8")


def test_the_later_export_adds_and_revises() -> None:
    found = {export.file: call_center.contents(export, NOW) for export in call_center.EXPORTS}
    assert found["lagos.csv"].added == 1  # the line that was torn
    assert found["lagos.csv"].dead == ("bad_timestamp", "bad_timestamp")
    assert all(contents.revised for contents in found.values())
    assert sum(contents.accepted for contents in found.values()) >= 120
