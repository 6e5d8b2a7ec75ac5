"""Supervisor and commands know of each other by files."""

from pathlib import Path

from deploy.local.stack import PARTS
from deploy.local.supervisor import Files, State


def test_only_one_supervisor_holds_the_lock(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert not files.alive()
    held = files.lock()
    assert held is not None
    assert files.lock() is None
    assert files.alive()
    held.close()
    assert not files.alive()


def test_the_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert files.state() == State()
    state = State(7, "ready", "", [{"name": "kafka", "pid": 8}], {"A": "b"}, "request")
    files.write_state(state)
    assert files.state() == state


def test_a_state_of_another_version_is_no_state(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write_state(State(7))
    (tmp_path / "run" / "state.json").write_text('{"pid": 7, "unknown": 1}')
    assert files.state() == State()


def test_every_request_has_an_id(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert files.wanted() == (list(PARTS), "")
    first = files.want(["kafka"])
    assert files.wanted() == (["kafka"], first)
    assert files.want(["kafka"]) != first
