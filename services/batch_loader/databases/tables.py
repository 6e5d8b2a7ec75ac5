"""Finds the tables of a source: one by name, or one a day by a name with a date in it; and which columns order it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.batch_loader.databases.pages import TableError
from services.batch_loader.mapping.headers import squeeze

BACKENDS = frozenset({"sqlite", "postgresql", "mysql", "mariadb"})
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
_FIELDS = {"%Y": r"(?P<Y>\d{4})", "%y": r"(?P<y>\d{2})", "%m": r"(?P<m>\d{2})", "%d": r"(?P<d>\d{2})"}


def is_database(location: str) -> bool:
    """Whether a source's address is that of a database.

    >>> is_database("postgresql://db/forms"), is_database("s3://forms/2026")
    (True, False)
    """
    scheme, mark, _ = location.partition("://")
    return bool(mark) and scheme.split("+")[0] in BACKENDS


def connect(location: str) -> sa.Engine:
    """An engine for an address, or for the one that the file @PATH holds. Raises TableError without any secret."""
    if location.startswith("@"):
        try:
            location = Path(location[1:]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise TableError(f"{location}: cannot be read ({error.strerror})") from error
    try:
        url = sa.make_url(location)
        if url.get_backend_name() in _DRIVERS and "+" not in url.drivername:
            url = url.set(drivername=f"{url.drivername}+{_DRIVERS[url.get_backend_name()]}")
        return sa.create_engine(url, pool_pre_ping=True)
    except sa.exc.ArgumentError as error:
        raise TableError("this is no database address, e.g. postgresql://user@host/database") from error
    except ImportError as error:
        raise TableError(f"the driver of this database is missing: install {error.name}") from error


@dataclass(frozen=True)
class Daily:
    """A name with a date, e.g. Web_form_request_%Y_%m_%d."""

    template: str

    @staticmethod
    def is_one(name: str) -> bool:
        """Whether a name is such a template."""
        return "%d" in name and "%m" in name and ("%Y" in name or "%y" in name)

    def name(self, day: date) -> str:
        """The name of a day.

        >>> Daily("Web_form_request_%Y_%m_%d").name(date(2026, 1, 2))
        'Web_form_request_2026_01_02'
        """
        return day.strftime(self.template)

    def day(self, name: str) -> date | None:
        """The day of a name (compared without case), or None where it does not fit."""
        pattern = re.escape(self.template)
        for field, group in _FIELDS.items():
            pattern = pattern.replace(re.escape(field), group, 1)
        match = re.fullmatch(pattern, name, re.IGNORECASE)
        if match is None:
            return None
        found = match.groupdict()
        year = int(found.get("Y") or "20" + found["y"])
        try:
            return date(year, int(found["m"]), int(found["d"]))
        except ValueError:
            return None


def tables_of(
    engine: sa.Engine, name: str, schema: str | None, since: date | None, until: date | None
) -> Iterator[tuple[sa.Table, date | None]]:
    """The tables of a name or daily template, oldest first, each with its day. Raises TableError where none is."""
    found = False
    for table_name, day in _names(engine, name, schema, since, until):
        found = True
        try:
            table = sa.Table(table_name, sa.MetaData(), schema=schema, autoload_with=engine)
        except sa.exc.NoSuchTableError as error:
            raise TableError(f"{table_name}: no such table or view") from error
        if engine.dialect.name == "sqlite":
            # SQLite keeps times as text and compares them as text: they must go back as they came
            for column in table.columns:
                column.type = sa.types.NullType()
        yield table, day
    if not found:
        raise TableError(f"{name}: no table of such a name in the wanted days")


def _names(
    engine: sa.Engine, name: str, schema: str | None, since: date | None, until: date | None
) -> Iterable[tuple[str, date | None]]:
    if not Daily.is_one(name):
        return [(name, None)]
    daily = Daily(name)
    inspector = sa.inspect(engine)
    names = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
    dated = sorted((day, table) for table in names if (day := daily.day(table)) is not None)
    return [(t, d) for d, t in dated if (since is None or d >= since) and (until is None or d <= until)]


def key_of(table: sa.Table, named: Sequence[str]) -> list[sa.Column[Any]]:
    """Columns that tell rows apart: those named, else the primary key; none for a view."""
    if named:
        return [column_of(table, name) for name in named]
    return list(table.primary_key.columns)


def column_of(table: sa.Table, name: str) -> sa.Column[Any]:
    """A column by its name, or by its squeezed name. Raises TableError."""
    for column in table.columns:
        if column.name == name:
            return column
    for column in table.columns:
        if squeeze(column.name) == squeeze(name):
            return column
    raise TableError(f"{table.name}: there is no column {name}")


def midnight_of(day: date | None, zone: tzinfo) -> int | None:
    """When a day begins in a zone, ms UTC."""
    if day is None:
        return None
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def days_back(today: date, days: int) -> date:
    """The first of so many days that end today."""
    return today - timedelta(days=max(days, 1) - 1)
