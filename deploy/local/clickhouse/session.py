"""Sessions: connections that keep temporary tables and SET values from one request to the next."""

import time
from collections.abc import Callable, Mapping

from deploy.local.clickhouse.engine import Connection
from deploy.local.clickhouse.errors import refusal
from deploy.local.clickhouse.statement import first_word


class Session:
    """A connection with what its client has SET and USEd, which a request's own parameters must not change for good."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.busy = False
        self.expires = 0.0
        self._statements: list[bytes] = []
        self._applied: dict[str, str | None] = {}
        self._database = self._current = "default"

    def prepare(self, settings: Mapping[str, str | None], database: str) -> None:
        """Give the connection the request's settings and database, on top of the session's own."""
        wanted = dict(settings)
        gone = [name for name in self._applied if name not in wanted]
        if gone:
            self.connection.set(dict.fromkeys(gone))
            for statement in self._statements:
                self.connection.query(statement)
        changed = wanted if gone else {k: v for k, v in wanted.items() if self._applied.get(k, k) != v}
        self._applied = dict.fromkeys([*self._applied, *wanted])  # reset all of these if the next line raises
        self.connection.set(changed)
        self._applied = wanted
        target = database or self._database
        if target != self._current:
            self.connection.use(target)
            self._current = target

    def ran(self, sql: bytes) -> None:
        """Note a statement that ran: SET and USE last for the session."""
        word = first_word(sql)
        if word == b"SET":
            self._statements.append(sql)
        elif word == b"USE":
            self._database = self._current = (
                self.connection.query("SELECT currentDatabase()", "TSVRaw").decode().strip()
            )


class Sessions:
    """All sessions by id. Used by one thread (the event loop's) only."""

    def __init__(self, connect: Callable[[], Connection], clock: Callable[[], float] = time.monotonic) -> None:
        self._connect = connect
        self._clock = clock
        self._by_id: dict[str, Session] = {}

    def acquire(self, session_id: str, must_exist: bool) -> Session:
        """Take a session for one request; EngineError when another request holds it, as ClickHouse does."""
        self.sweep()
        session = self._by_id.get(session_id)
        if session is None:
            if must_exist:
                raise refusal(372, "SESSION_NOT_FOUND", "Session not found")
            session = self._by_id[session_id] = Session(self._connect())
        if session.busy:
            raise refusal(373, "SESSION_IS_LOCKED", "Session is locked by a concurrent client")
        session.busy = True
        return session

    def release(self, session_id: str, timeout: float, close: bool) -> None:
        """Give a session back; it is dropped after `timeout` seconds without use, or at once."""
        session = self._by_id[session_id]
        session.busy = False
        session.expires = self._clock() + timeout
        if close:
            self._by_id.pop(session_id).connection.close()

    def sweep(self) -> None:
        """Drop the sessions that were not used in time."""
        now = self._clock()
        for session_id in [i for i, s in self._by_id.items() if not s.busy and s.expires <= now]:
            self._by_id.pop(session_id).connection.close()

    def __len__(self) -> int:
        return len(self._by_id)
