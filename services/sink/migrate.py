"""Applies the numbered SQL files of services/sink/migrations, each statement once, and records what was applied.

ClickHouse has no transactional DDL. So every statement is recorded as it succeeds, and a run that failed in the middle
of a file goes on with the statement that failed. Files are templates: $on_cluster, ${Replicated} and $deduplication
differ between a single node and a cluster, so one file serves both.
"""

import hashlib
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from services.runtime.errors import PipelineError
from services.sink.settings import SinkSettings
from services.sink.warehouse import connect, translated

FOLDER: Final = Path(__file__).parent / "migrations"
LOCK_SECONDS: Final = 600
TABLE_ALREADY_EXISTS: Final = 57
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_END = re.compile(r";[ \t]*$", re.MULTILINE)
_COMMENT_ONLY = re.compile(r"\A(\s*--[^\n]*\n?)*\s*\Z")


class MigrationError(PipelineError):
    """A migration cannot be applied; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the template: the same on a single node and on a cluster."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, cluster: str = "") -> list[str]:
        """The file's statements, rendered; a statement ends with a semicolon at the end of a line.

        >>> Migration(1, "x", "CREATE TABLE t $on_cluster (a Int8) ENGINE = ${Replicated}MergeTree;").statements("c")
        ["CREATE TABLE t ON CLUSTER 'c' (a Int8) ENGINE = ReplicatedMergeTree"]
        """
        rendered = Template(self.text).substitute(variables(cluster))
        return [part.strip() for part in _END.split(rendered) if not _COMMENT_ONLY.match(part)]


def variables(cluster: str) -> dict[str, str]:
    """What the templates' variables stand for on a single node (empty cluster) or on a cluster.

    The window of tokens must outlast a crash and the replay that follows: by count on a single node, by count and
    time on replicated tables, whose default of an hour is too short for a night's outage.
    """
    if not cluster:
        return {
            "on_cluster": "",
            "Replicated": "",
            "deduplication": "non_replicated_deduplication_window = 20000",
        }
    return {
        "on_cluster": f"ON CLUSTER '{cluster}'",
        "Replicated": "Replicated",
        "deduplication": "replicated_deduplication_window = 20000, replicated_deduplication_window_seconds = 604800",
    }


def load(folder: Path = FOLDER) -> list[Migration]:
    """The migrations of a folder by number. MigrationError for a gap, a double number or a wrong name."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if not match:
            raise MigrationError(f"{path.name}: migrations are named 0001_what_it_does.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError("the numbers of the migrations have a gap or a double")
    return found


def migrate(settings: SinkSettings, *, dry_run: bool = False, folder: Path = FOLDER) -> list[Migration]:
    """Apply what is missing and return it; with dry_run only say what is missing.

    MigrationError when an applied file was changed since, when a statement fails, or when another migrator is at work.
    WarehouseAway when ClickHouse does not answer.
    """
    migrations = load(folder)
    bootstrap = connect(settings, database="")
    database, variable = settings.clickhouse_database, variables(settings.clickhouse_cluster)
    with translated("the list of databases"):
        known = database in (row[0] for row in bootstrap.query("SELECT name FROM system.databases").result_rows)
    if not known:
        if dry_run:
            return migrations
        with translated(f"creating database {database}"):
            # the embedded engine's default is not Atomic, and REPLACE and EXCHANGE need that
            bootstrap.command(f"CREATE DATABASE IF NOT EXISTS {database} {variable['on_cluster']} ENGINE = Atomic")
    client = connect(settings)
    if dry_run:
        return _pending(client, migrations)
    _create_record(client, variable)
    with _lock(client, variable["on_cluster"]):
        pending = _pending(client, migrations)
        for migration in pending:
            _apply(client, migration, settings.clickhouse_cluster)
    return pending


def _create_record(client: Client, variable: dict[str, str]) -> None:
    with translated("creating the record of migrations"):
        client.command(
            f"CREATE TABLE IF NOT EXISTS schema_migrations {variable['on_cluster']} ("
            "number UInt32 COMMENT 'Number of the file', "
            "name String COMMENT 'What it does', "
            "checksum String COMMENT 'SHA-256 of the file', "
            "statement UInt32 COMMENT 'Statement of the file that was applied, from 1', "
            "statements UInt32 COMMENT 'How many the file has', "
            "applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'"
            f") ENGINE = {variable['Replicated']}ReplacingMergeTree ORDER BY (number, statement) "
            "COMMENT 'Migrations that were applied, statement by statement.'"
        )


def _done(client: Client) -> dict[int, tuple[str, int, int]]:
    """number -> (checksum, statements applied, statements in all)."""
    with translated("the record of migrations"):
        if not client.command("EXISTS TABLE schema_migrations"):
            return {}
        rows = client.query(
            # a file that was mended half-way is known by what its last statement was applied from
            "SELECT number, argMax(checksum, statement), max(statement), argMax(statements, statement) "
            "FROM schema_migrations FINAL GROUP BY number"
        ).result_rows
    return {int(number): (str(checksum), int(done), int(total)) for number, checksum, done, total in rows}


def _pending(client: Client, migrations: list[Migration]) -> list[Migration]:
    done = _done(client)
    pending = []
    for migration in migrations:
        checksum, applied, total = done.get(migration.number, ("", 0, 1))
        whole = applied == total
        if whole and checksum != migration.checksum:
            raise MigrationError(
                f"{migration.number:04}_{migration.name} was changed after it had been applied: "
                "restore the file and add a new migration instead"
            )
        if not whole:
            pending.append(migration)
    unknown = max(done, default=0) - len(migrations)
    if unknown > 0:
        raise MigrationError(f"the warehouse is {unknown} migrations ahead of this version: deploy the newer one")
    return pending


def _apply(client: Client, migration: Migration, cluster: str) -> None:
    statements = migration.statements(cluster)
    _, applied, _ = _done(client).get(migration.number, ("", 0, 0))
    for index, statement in enumerate(statements[applied:], applied + 1):
        try:
            client.command(statement)
        except (ClickHouseError, OSError) as error:
            # DDL holds no data of customers: ClickHouse's own words may be shown
            reason = str(error).splitlines()[0][:500]
            raise MigrationError(
                f"{migration.number:04}_{migration.name}, statement {index} of {len(statements)}: {reason}. "
                "Statements before it stand; run migrate again once it is mended"
            ) from None
        with translated("the record of migrations"):
            client.command(
                "INSERT INTO schema_migrations (number, name, checksum, statement, statements) VALUES "
                "({number:UInt32}, {name:String}, {checksum:String}, {statement:UInt32}, {statements:UInt32})",
                parameters={
                    "number": migration.number,
                    "name": migration.name,
                    "checksum": migration.checksum,
                    "statement": index,
                    "statements": len(statements),
                },
            )


@contextmanager
def _lock(client: Client, on_cluster: str) -> Iterator[None]:
    """Hold the lock of migrations. Creating a table is ClickHouse's one atomic test-and-set."""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    create = f"CREATE TABLE schema_lock {on_cluster} (a UInt8) ENGINE = Memory COMMENT '{holder}'"
    with translated("the lock of migrations"):
        stale = client.command(
            "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'schema_lock' "
            "AND metadata_modification_time < now() - {seconds:Int32}",
            parameters={"seconds": LOCK_SECONDS},
        )
        if int(str(stale)):
            client.command(f"DROP TABLE IF EXISTS schema_lock {on_cluster} SYNC")
    try:
        client.command(create)
    except (ClickHouseError, OSError) as error:
        if getattr(error, "code", None) != TABLE_ALREADY_EXISTS:
            with translated("the lock of migrations"):
                raise
        raise MigrationError(
            "another migrator is at work: wait for it; a lock left by a crash is taken over after "
            f"{LOCK_SECONDS // 60} minutes"
        ) from None
    try:
        yield
    finally:
        with translated("the lock of migrations"):
            client.command(f"DROP TABLE IF EXISTS schema_lock {on_cluster} SYNC")
