"""Loads tables of a database: what is new or changed since the last run, with an overlap, or one table a day."""

import hashlib
from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa

from services.batch_loader.databases.pages import Pages, TableError
from services.batch_loader.databases.tables import Daily, column_of, connect, days_back, key_of, midnight_of, tables_of
from services.batch_loader.databases.watermark import Watermark, utc
from services.batch_loader.events import Origin
from services.batch_loader.interpret import Interpreter
from services.batch_loader.progress import RunProgress
from services.batch_loader.readers.table_rows import TableReader
from services.batch_loader.session import Session, now_ms, reading_of
from services.batch_loader.summary import FileResult, Summary


class TableLoads:
    """Loads tables of a session's source. whole: from the first row, whatever was read before."""

    def __init__(self, session: Session, whole: bool = False) -> None:
        self._session = session
        self._source = session.source
        self._whole = whole

    def run(self, location: str, since: date | None = None, until: date | None = None) -> Summary:
        """Load the source's tables at an address. Raises TableError."""
        if not self._source.table:
            raise TableError("which table? name it with --table, or a table a day as forms_%Y_%m_%d")
        engine = connect(location)
        try:
            with RunProgress(self._session.console, None) as progress:
                for table, day in self._tables(engine, since, until):
                    progress.begin(table.name)
                    self._session.summary.files.append(self._table(engine, table, day, progress))
        except sa.exc.DBAPIError as error:
            raise TableError(f"the database refused: {type(error.orig).__name__}; what was read is kept") from error
        finally:
            engine.dispose()
        return self._session.summary

    def _tables(
        self, engine: sa.Engine, since: date | None, until: date | None
    ) -> Iterator[tuple[sa.Table, date | None]]:
        source, manifest, source_id = self._source, self._session.manifest, self._session.source_id
        if not Daily.is_one(source.table):
            yield from tables_of(engine, source.table, source.table_schema, None, None)
            return
        last = manifest.cursor(source_id, source.table)
        if since is None and last is not None and not self._whole:
            since = days_back(date.fromisoformat(last), source.days)
        for table, day in tables_of(engine, source.table, source.table_schema, since, until):
            yield table, day
            if day is not None and (last is None or day.isoformat() > last):
                last = day.isoformat()
                manifest.move(source_id, source.table, last)

    def _table(self, engine: sa.Engine, table: sa.Table, day: date | None, progress: RunProgress) -> FileResult:
        session, source, now = self._session, self._source, now_ms()
        name = str(table.fullname)
        column = column_of(table, source.watermark) if source.watermark else None
        stored = None if self._whole else session.manifest.cursor(session.source_id, name)
        floor = Watermark.from_json(stored).less(source.overlap) if stored and column is not None else None
        size = session.settings.batch_chunk_rows
        pages = Pages(engine, table, key_of(table, source.key), column, floor, size)
        names = [c.name for c in table.columns]
        reader = TableReader(name, names, pages, names.index(column.name) if column is not None else None)
        extract = hashlib.sha256(f"{source.full_name}\x1f{name}\x1f{now}".encode()).hexdigest()
        load = session.manifest.begin(session.source_id, extract, reading_of(source), name, 0, now)
        reached = Watermark.from_json(stored) if stored else None

        def move(connection: sa.Connection, line: int) -> None:
            nonlocal reached
            value = reader.watermark_at(line)
            if value is None:
                return
            mark = Watermark(value).capped(utc(now), source.zone)
            if reached is None or mark.value > reached.value:
                reached = mark
            session.manifest.move(session.source_id, name, reached.to_json(), connection)

        loader = session.loader(name, lambda done: progress.advance(done.rows, 0), move)
        interpreter = Interpreter(reader, source, now, midnight_of(day, source.zone))
        loader.load(load, Origin(extract, reader.media_type, now), iter(interpreter), True)
        session.manifest.finish(load, "loaded", session.source_id, extract, extract, now)
        return FileResult(name, load.counted, "; ".join(interpreter.notes))
