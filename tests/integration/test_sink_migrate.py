"""Migrations on ClickHouse's engine: applied once, in order, resumable after a failure, one migrator at a time."""

from pathlib import Path

import pytest

from deploy.local.clickhouse.server import LocalClickHouse
from services.sink.migrate import FOLDER, MigrationError, load, migrate
from services.sink.settings import SinkSettings
from services.sink.warehouse import WarehouseAway, connect

pytestmark = [pytest.mark.clickhouse]


@pytest.fixture
def settings(clickhouse: LocalClickHouse, database: str) -> SinkSettings:
    """Settings of a database of this test alone."""
    return SinkSettings(clickhouse_url=clickhouse.url, clickhouse_database=database)


def folder(path: Path, **files: str) -> Path:
    """A folder of migrations."""
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / f"{name[1:]}.sql").write_text(text)
    return path


ONE = "CREATE TABLE a $on_cluster (x UInt8 COMMENT 'x') ENGINE = ${Replicated}MergeTree ORDER BY x;\n"


def test_each_is_applied_once_and_every_view_can_be_read(settings: SinkSettings) -> None:
    assert migrate(settings, dry_run=True) == load()
    assert migrate(settings) == load()
    assert migrate(settings) == []
    client = connect(settings)
    tables = client.query(
        "SELECT name, engine, comment FROM system.tables WHERE database = currentDatabase()"
    ).result_rows
    for name, engine, comment in tables:
        if engine == "View":
            client.query(f"SELECT * FROM {name}")
        if engine != "MaterializedView":
            assert comment, name
    bare = client.query(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = '' AND table IN "
        "(SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')"
    ).result_rows
    assert bare == []
    assert "schema_lock" not in {row[0] for row in tables}


def test_a_failed_file_says_where_and_goes_on_there(settings: SinkSettings, tmp_path: Path) -> None:
    broken = ONE + "CREATE TABLE b (x Nonsense) ENGINE = MergeTree ORDER BY x;\n"
    with pytest.raises(MigrationError, match=r"0001_a, statement 2 of 2.*Nonsense"):
        migrate(settings, folder=folder(tmp_path, _0001_a=broken))
    with pytest.raises(MigrationError, match="statement 2 of 2"):
        migrate(settings, folder=tmp_path)
    mended = ONE + "CREATE TABLE b (x UInt8) ENGINE = MergeTree ORDER BY x;\n"
    assert len(migrate(settings, folder=folder(tmp_path, _0001_a=mended))) == 1
    assert migrate(settings, folder=tmp_path) == []


def test_an_applied_file_may_not_change(settings: SinkSettings, tmp_path: Path) -> None:
    migrate(settings, folder=folder(tmp_path, _0001_a=ONE))
    with pytest.raises(MigrationError, match="0001_a was changed after it had been applied"):
        migrate(settings, folder=folder(tmp_path, _0001_a=ONE + "-- a word\n"))


def test_a_warehouse_that_is_ahead_is_left_alone(settings: SinkSettings, tmp_path: Path) -> None:
    migrate(settings, folder=folder(tmp_path, _0001_a=ONE, _0002_b="CREATE TABLE b (x UInt8) ENGINE = Memory;\n"))
    (tmp_path / "0002_b.sql").unlink()
    with pytest.raises(MigrationError, match="1 migrations ahead"):
        migrate(settings, folder=tmp_path)


def test_two_migrators_do_not_meet_and_a_lock_left_long_ago_is_taken_over(
    settings: SinkSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(settings)
    client.command("CREATE TABLE schema_lock (a UInt8) ENGINE = Memory COMMENT 'another'")
    with pytest.raises(MigrationError, match="another migrator is at work"):
        migrate(settings, folder=folder(tmp_path, _0001_a=ONE))
    monkeypatch.setattr("services.sink.migrate.LOCK_SECONDS", -5)
    assert len(migrate(settings, folder=tmp_path)) == 1


def test_no_warehouse_is_one_clear_error() -> None:
    with pytest.raises(WarehouseAway, match="CLICKHOUSE_URL"):
        migrate(SinkSettings(clickhouse_url="http://127.0.0.1:9"), folder=FOLDER)
