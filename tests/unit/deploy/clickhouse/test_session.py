"""Sessions keep what was SET, and forget what a request brought along."""

from typing import cast

import pytest

from deploy.local.clickhouse.engine import Connection
from deploy.local.clickhouse.errors import EngineError
from deploy.local.clickhouse.session import Session, Sessions


class Recorder:
    """Stands in for a connection: remembers values and what it was told."""

    def __init__(self) -> None:
        self.values: dict[str, str | None] = {}
        self.database = "default"
        self.calls = 0
        self.closed = False

    def set(self, settings: dict[str, str | None]) -> None:
        if settings:
            self.calls += 1
        for name, value in settings.items():
            if name == "wrong" and value is not None:
                raise EngineError("Code: 115. DB::Exception: Unknown setting 'wrong'. (UNKNOWN_SETTING)")
            self.values[name] = value

    def query(self, sql: bytes | str, output: str = "TSV") -> bytes:
        text = sql if isinstance(sql, str) else sql.decode()
        if text.startswith("SET "):
            name, _, value = text.removeprefix("SET ").partition(" = ")
            self.values[name] = value
        return self.database.encode()

    def use(self, database: str) -> None:
        self.calls += 1
        self.database = database

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def session(recorder: Recorder) -> Session:
    return Session(cast(Connection, recorder))


def test_a_request_s_settings_are_gone_with_the_next_request(session: Session, recorder: Recorder) -> None:
    session.prepare({"a": "1", "b": "2"}, "")
    assert recorder.values == {"a": "1", "b": "2"}
    session.prepare({"b": "2"}, "")
    assert recorder.values == {"a": None, "b": "2"}


def test_the_same_settings_again_cost_nothing(session: Session, recorder: Recorder) -> None:
    session.prepare({"a": "1"}, "d")
    calls = recorder.calls
    session.prepare({"a": "1"}, "d")
    assert recorder.calls == calls


def test_a_set_value_comes_back_after_a_request_changed_it(session: Session, recorder: Recorder) -> None:
    recorder.query("SET a = 5")
    session.ran(b"SET a = 5")
    session.prepare({"a": "1"}, "")
    assert recorder.values["a"] == "1"
    session.prepare({}, "")
    assert recorder.values["a"] == "5"


def test_after_a_refused_setting_the_others_are_put_back(session: Session, recorder: Recorder) -> None:
    with pytest.raises(EngineError):
        session.prepare({"a": "1", "wrong": "1"}, "")
    session.prepare({}, "")
    assert recorder.values["a"] is None


def test_a_request_s_database_is_the_request_s_alone(session: Session, recorder: Recorder) -> None:
    session.prepare({}, "other")
    assert recorder.database == "other"
    session.prepare({}, "")
    assert recorder.database == "default"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_sessions_are_locked_found_again_and_dropped_in_time() -> None:
    clock, made = Clock(), []

    def connect() -> Connection:
        made.append(Recorder())
        return cast(Connection, made[-1])

    sessions = Sessions(connect, clock)
    first = sessions.acquire("s", must_exist=False)
    with pytest.raises(EngineError, match="373"):
        sessions.acquire("s", must_exist=False)
    sessions.release("s", 60, close=False)
    assert sessions.acquire("s", must_exist=True) is first
    sessions.release("s", 60, close=False)
    clock.now = 61.0
    sessions.sweep()
    assert made[0].closed
    with pytest.raises(EngineError, match="372"):
        sessions.acquire("s", must_exist=True)


def test_a_session_ends_when_the_client_says_so() -> None:
    recorder = Recorder()
    sessions = Sessions(lambda: cast(Connection, recorder))
    sessions.acquire("s", must_exist=False)
    sessions.release("s", 60, close=True)
    assert recorder.closed
    assert len(sessions) == 0
