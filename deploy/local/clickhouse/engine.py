"""The embedded engine: connections to the one data folder of this process, each with its own settings and state."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chdb import _chdb

from deploy.local.clickhouse.errors import EngineError
from deploy.local.clickhouse.statement import from_file

_numbers = itertools.count(1)


@dataclass(slots=True)
class Stats:
    """What a statement did, for the header X-ClickHouse-Summary."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed_ns: int = 0

    def add(self, result: Any) -> None:
        """Add the figures of an engine's result."""
        self.read_rows += result.storage_rows_read()
        self.read_bytes += result.storage_bytes_read()
        self.written_rows += result.rows_written()
        self.written_bytes += result.bytes_written()
        self.result_rows += result.rows_read()
        self.result_bytes += result.size()
        self.elapsed_ns += int(result.elapsed() * 1e9)


class Connection:
    """One connection: its own settings, current database and temporary tables. One statement at a time.

    Every connection bears a tag (the setting log_comment), by which another connection can find and kill its query.
    """

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._raw: Any = _chdb.connect(engine.address)  # type: ignore[attr-defined]
        self.tag = f"http-{next(_numbers)}"
        self.set({"log_comment": self.tag})

    def query(
        self, sql: bytes | str, output: str = "TSV", params: Mapping[str, str] | None = None, stats: Stats | None = None
    ) -> bytes:
        """Run a statement and return its whole result in the given format. EngineError when it is refused."""
        with _refusals():
            result = self._raw.query(sql, output, params=dict(params or {}))
        if stats is not None:
            stats.add(result)
        return bytes(result.bytes())

    def stream(self, sql: bytes, output: str, params: Mapping[str, str], stats: Stats) -> Iterator[bytes]:
        """Run a SELECT and yield its result block by block: each is a whole document of the format."""
        with _refusals():
            handle = self._raw.send_query(sql, output, params=dict(params))
        ended = False
        try:
            while True:
                with _refusals():
                    result = self._raw.streaming_fetch_result(handle)
                if result is None or result.rows_read() == 0:
                    ended = True
                    return
                stats.add(result)
                yield result.bytes()
        except EngineError:
            ended = True
            raise
        finally:
            if not ended:
                self._raw.streaming_cancel_query(handle)

    def insert(self, target: bytes, input_format: str) -> "Inserter":
        """Begin an INSERT (statement without FORMAT and data) whose data is appended in chunks."""
        return Inserter(self, target, input_format, self._engine.spool)

    def set(self, settings: Mapping[str, str | None]) -> None:
        """Change settings of this connection; None puts the default back."""
        if settings:
            changes = (f"{name} = {'DEFAULT' if value is None else quoted(value)}" for name, value in settings.items())
            self.query("SET " + ", ".join(changes))

    def use(self, database: str) -> None:
        """Make a database the current one."""
        self.query(f"USE {identifier(database)}")

    def changes_data(self, sql: bytes) -> bool:
        """Whether the statement would change anything; what does not parse does not."""
        kind = str(self._raw.classify_query(sql.decode("utf-8", "replace"))["query_class"])
        return "MUTATING" in kind

    def close(self) -> None:
        """Forget the connection's settings and temporary tables."""
        self._raw.close()


class Inserter:
    """An INSERT under way. Nothing is acknowledged before finish() returns; cancel() drops it.

    The data waits in a file that the engine reads with FROM INFILE. The engine's own streaming insert (send_insert,
    chDB 4.4) answers success for rows that a constraint, a materialised view or a limit on parts refused later on.
    """

    def __init__(self, connection: Connection, target: bytes, input_format: str, spool: Path) -> None:
        self._connection = connection
        self._target = target
        self._format = input_format
        self._file = tempfile.NamedTemporaryFile(dir=spool, prefix="insert-", suffix=".data")  # noqa: SIM115

    def append(self, data: bytes) -> None:
        """Hand over more bytes of the data."""
        self._file.write(data)

    def finish(self, stats: Stats) -> None:
        """Insert and commit. EngineError when the engine refuses."""
        try:
            self._file.flush()
            statement = from_file(self._target, quoted(self._file.name).encode())
            self._connection.query(statement + b" FORMAT " + self._format.encode(), "TSV", stats=stats)
        finally:
            self.cancel()

    def cancel(self) -> None:
        """End the INSERT without committing."""
        self._file.close()


class Engine:
    """The engine over one data folder. The folder belongs to this process while it runs.

    >>> with Engine(Path("/data"), Path("/config.xml")) as engine:  # doctest: +SKIP
    ...     engine.connect().query("SELECT 1")
    b'1\\n'
    """

    def __init__(self, data: Path, config: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.address = f"{data.absolute()}?config-file={config.absolute()}"
        self.spool = data.parent / f"{data.name}-spool"
        shutil.rmtree(self.spool, ignore_errors=True)  # what a killed predecessor left
        self.spool.mkdir()
        self._first = Connection(self)  # keeps the engine alive between requests
        self.version = self._first.query("SELECT version()").decode().strip()
        self.timezone = self._first.query("SELECT timezone()").decode().strip()

    def connect(self) -> Connection:
        """A new connection (some 0.1 ms)."""
        return Connection(self)

    def kill(self, tag: str) -> None:
        """Kill the query that the connection with this tag is running, if any."""
        killer = self.connect()
        try:
            killer.query(f"KILL QUERY WHERE Settings['log_comment'] = {quoted(tag)} ASYNC")
        finally:
            killer.close()

    def close(self) -> None:
        """Shut the engine down: merges stop, data is on disk already."""
        self._first.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def quoted(text: str) -> str:
    r"""A string literal.

    >>> print(quoted("it's"))
    'it\'s'
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(name: str) -> str:
    """A quoted identifier.

    >>> identifier("a`b")
    '`a\\\\`b`'
    """
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns the engine's exceptions into EngineError."""
    try:
        yield
    except RuntimeError as error:
        raise EngineError(str(error)) from None
