"""The manifest: opens its database, and says of a file whether, and up to which line, it is loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from services.batch_loader.manifest.row_index import Entry, RowIndex
from services.batch_loader.manifest.tables import CURSORS, LOADS, PLACES, SOURCES
from services.runtime.errors import PipelineError

HEAD = "0001"
GROWN_FROM = 64
"""So many last loads are compared with the beginning of a new file."""
_MIGRATIONS = Path(__file__).parent / "migrations"


Also = Callable[[sa.Connection, int], None]
"""Writes what belongs to a chunk that ends with a line."""


def nothing_else(_connection: sa.Connection, _line: int) -> None:
    """The Also of chunks that are rows and nothing else."""


class ManifestError(PipelineError):
    """The manifest cannot be used."""


@dataclass
class Counted:
    """What became of the rows of a file: rows = loaded + known + updated + dead + ignored + joined."""

    rows: int = 0
    loaded: int = 0
    known: int = 0
    updated: int = 0
    dead: int = 0
    ignored: int = 0
    joined: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(**{name: value + getattr(other, name) for name, value in asdict(self).items()})

    def __sub__(self, other: "Counted") -> "Counted":
        return Counted(**{name: value - getattr(other, name) for name, value in asdict(self).items()})

    def __iadd__(self, other: "Counted") -> "Counted":
        return self + other


@dataclass
class Load:
    """One file's way into the pipeline."""

    id: int
    state: str
    line: int
    counted: Counted = field(default_factory=Counted)
    taken_up: int = 0
    """Rows that an earlier run had loaded."""


@dataclass(frozen=True)
class Acknowledged:
    """A chunk that the broker has: what was intended, the line it ends with, and what became of its rows."""

    journal_id: int | None
    entries: Sequence[Entry]
    line: int
    counted: Counted


class Manifest:
    """Remembers what was loaded. Its database is made, or brought up to date, when it is opened."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        try:
            _migrate(self.engine)
        except sa.exc.OperationalError as error:
            raise ManifestError("BATCH_MANIFEST_URL: the manifest's database does not answer or is locked") from error

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def source(self, name: str) -> int:
        """Id of a source, new or known."""
        with self.engine.begin() as connection:
            found = connection.execute(sa.select(SOURCES.c.id).where(SOURCES.c.name == name)).scalar()
            if found is None:
                insert = SOURCES.insert().returning(SOURCES.c.id)
                found = connection.execute(insert, {"name": name}).scalar_one()
        return int(found)

    def rows(self, source_id: int) -> RowIndex:
        """The rows of a source."""
        return RowIndex(self.engine, source_id)

    def begin(self, source_id: int, content_hash: str, reading: str, name: str, size: int, now: int) -> Load:
        """The load of a file: as it stands if its content was begun before, else a new one."""
        same = sa.and_(LOADS.c.content_hash == content_hash, LOADS.c.reading == reading)
        with self.engine.begin() as connection:
            found = connection.execute(sa.select(LOADS).where(LOADS.c.source_id == source_id, same)).mappings().first()
            if found is None:
                values: dict[str, Any] = asdict(Counted()) | {
                    "source_id": source_id,
                    "content_hash": content_hash,
                    "reading": reading,
                    "name": name,
                    "size": size,
                    "state": "loading",
                    "line": 0,
                    "started_at": now,
                }
                made = connection.execute(LOADS.insert().returning(LOADS.c.id), values).scalar_one()
                return Load(int(made), "new", 0)
        counted = Counted(**{name: found[name] for name in asdict(Counted())})
        return Load(found["id"], found["state"], found["line"], counted)

    def sizes(self, source_id: int, reading: str) -> list[int]:
        """Sizes of the files of a source's last loads: a file that begins as one of them has grown from it."""
        query = sa.select(LOADS.c.size).where(_ended(source_id, reading)).order_by(LOADS.c.id.desc()).limit(GROWN_FROM)
        with self.engine.connect() as connection:
            return sorted(set(connection.execute(query).scalars()))

    def grow(self, load: Load, source_id: int, reading: str, prefixes: Mapping[str, bool]) -> None:
        """Take a load up where that of its longest known beginning ended. prefixes: hash, and if a line ends there."""
        query = (
            sa.select(LOADS)
            .where(_ended(source_id, reading), LOADS.c.content_hash.in_(list(prefixes)))
            .order_by(LOADS.c.size.desc())
        )
        with self.engine.begin() as connection:
            found = connection.execute(query).mappings().first() if prefixes else None
            if found is None:
                return
            whole = prefixes[found["content_hash"]] or found["state"] == "torn"
            load.line = found["line"] if whole else max(found["line"] - 1, 0)  # a last line without an end may go on
            load.counted = Counted(found["rows"], known=found["rows"])
            values = asdict(load.counted) | {"line": load.line}
            connection.execute(LOADS.update().where(LOADS.c.id == load.id).values(**values))

    def restart(self, load: Load) -> None:
        """Read a file from its first line again although it was loaded."""
        load.line, load.counted, load.state = 0, Counted(), "loading"
        with self.engine.begin() as connection:
            values = asdict(load.counted) | {"line": 0, "state": "loading", "finished_at": None}
            connection.execute(LOADS.update().where(LOADS.c.id == load.id).values(**values))

    def cursor(self, source_id: int, stream: str) -> str | None:
        """How far a stream of a source was read."""
        where = sa.and_(CURSORS.c.source_id == source_id, CURSORS.c.stream == stream)
        with self.engine.connect() as connection:
            found: str | None = connection.execute(sa.select(CURSORS.c.value).where(where)).scalar()
        return found

    def move(self, source_id: int, stream: str, value: str, connection: sa.Connection | None = None) -> None:
        """Remember how far a stream was read; within the caller's transaction if it gives one."""
        if connection is None:
            with self.engine.begin() as own:
                self.move(source_id, stream, value, own)
            return
        where = sa.and_(CURSORS.c.source_id == source_id, CURSORS.c.stream == stream)
        connection.execute(CURSORS.delete().where(where))
        connection.execute(CURSORS.insert(), {"source_id": source_id, "stream": stream, "value": value})

    def commit(self, load: Load, index: RowIndex, chunk: Acknowledged, also: Also = nothing_else) -> None:
        """Remember a chunk that the broker has acknowledged, and what `also` writes, in one transaction."""
        load.counted += chunk.counted
        load.line = chunk.line
        with self.engine.begin() as connection:
            index.make_sure(connection, chunk.journal_id)
            values = asdict(load.counted) | {"line": chunk.line}
            connection.execute(LOADS.update().where(LOADS.c.id == load.id).values(**values))
            also(connection, chunk.line)
        index.hold(chunk.entries)

    def last_at(self, source_id: int, place: str) -> str | None:
        """Hash of the content that was loaded last from a place."""
        where = sa.and_(PLACES.c.source_id == source_id, PLACES.c.place == place)
        with self.engine.connect() as connection:
            found: str | None = connection.execute(sa.select(PLACES.c.content_hash).where(where)).scalar()
        return found

    def finish(self, load: Load, state: str, source_id: int, place: str, content_hash: str, now: int) -> None:
        """Close a load as "loaded", or "torn" when the file's last row was cut off."""
        load.state = state
        where = sa.and_(PLACES.c.source_id == source_id, PLACES.c.place == place)
        with self.engine.begin() as connection:
            connection.execute(LOADS.update().where(LOADS.c.id == load.id).values(state=state, finished_at=now))
            connection.execute(PLACES.delete().where(where))
            values = {"source_id": source_id, "place": place, "content_hash": content_hash}
            connection.execute(PLACES.insert(), values)


def _ended(source_id: int, reading: str) -> sa.ColumnElement[bool]:
    states = LOADS.c.state.in_(("loaded", "torn"))
    return sa.and_(LOADS.c.source_id == source_id, LOADS.c.reading == reading, states, LOADS.c.size > 0)


def _engine(url: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ManifestError("BATCH_MANIFEST_URL: no database URL, e.g. sqlite:///.local/data/manifest.db") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ManifestError("BATCH_MANIFEST_URL: the manifest lives in SQLite or PostgreSQL")
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, connect_args={"timeout": 30})
        sa.event.listen(engine, "connect", _tune_sqlite)
        return engine
    try:
        return sa.create_engine(parsed, pool_pre_ping=True)
    except ImportError as error:
        raise ManifestError("BATCH_MANIFEST_URL: the driver of PostgreSQL is missing: install psycopg") from error


def _tune_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a commit that was returned survives a power cut
    cursor.execute("PRAGMA cache_size=-32768")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _migrate(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if sa.inspect(connection).has_table("manifest_version"):
            version = connection.execute(sa.text("SELECT version_num FROM manifest_version")).scalar()
            if version == HEAD:
                return
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7305812)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
