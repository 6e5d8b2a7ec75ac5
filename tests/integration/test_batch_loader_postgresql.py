"""Web forms from a real PostgreSQL, and the manifest in it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.batch_loader.manifest.row_index import RowState
from services.batch_loader.manifest.store import Acknowledged, Counted, Manifest
from tests.unit.batch_loader.fakes import FakeBroker, Place
from tests.unit.batch_loader.test_tables import Forms

pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
ACCOUNT = "postgres"


def _programs() -> Path:
    found = shutil.which("initdb") or next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None)
    if found is None:
        pytest.skip("PostgreSQL's programs are not installed")
    return Path(found).resolve().parent


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a server of this module alone, on a socket in a temporary folder."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    account: dict[str, str | int] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            pytest.skip("running as root, and there is no account for PostgreSQL")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        account = {"user": entry.pw_uid, "group": entry.pw_gid}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **account}
    data = folder / "data"
    subprocess.run([programs / "initdb", "-D", data, "-A", "trust", "-U", ACCOUNT, "-E", "UTF8"], check=True, **quiet)  # type: ignore[call-overload]
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-w", "-o", options]
    subprocess.run([*control, "start"], check=True, **quiet)  # type: ignore[call-overload]
    try:
        yield f"postgresql://{ACCOUNT}@/%s?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)  # type: ignore[call-overload]
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: str, request: pytest.FixtureRequest) -> str:
    """Address of a fresh database."""
    name = f"d{abs(hash(request.node.name)) % 10**8}"
    admin = sa.create_engine((server % "postgres").replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return (server % name).replace("://", "+psycopg://")


def test_the_manifest_lives_in_postgresql(database: str) -> None:
    manifest = Manifest(database)
    source = manifest.source("call_center:a")
    index = manifest.rows(source)
    load = manifest.begin(source, "0" * 64, "x", "a.csv", 1, 0)
    entries = [(key, key * 3, 0, 5) for key in range(-20, 20)]
    manifest.commit(load, index, Acknowledged(index.intend(entries), entries, 7, Counted(rows=40), ("t", "v")))
    index.merge()
    entries = [(1, 99, 1, 6)]
    manifest.commit(load, index, Acknowledged(index.intend(entries), entries, 8, Counted(rows=1)))
    index.intend([(2, 98, 1, 6)])
    manifest.close()
    again = Manifest(database)
    assert again.rows(source).known([1, 2, 3, 500]) == {
        1: RowState(99, 1, 6),
        2: RowState(98, 1, 6, sure=False),
        3: RowState(9, 0, 5),
    }
    assert again.begin(source, "0" * 64, "x", "a.csv", 1, 0).line == 8
    assert again.cursor(source, "t") == "v"
    again.rows(source).merge()
    again.rows(source).merge()
    assert again.rows(source).known([2]) == {2: RowState(98, 1, 6, sure=False)}


def test_a_file_is_loaded_with_its_manifest_in_postgresql(database: str, tmp_path: Path) -> None:
    place = Place(tmp_path, database)
    header, rows = "Ticket #,Date,Complaint\n", "".join(f"T{n},2024-01-02,slow {n}\n" for n in range(500))
    assert place.load(place.write("a.csv", header + rows))[0].total.loaded == 500
    assert place.load(place.write("b.csv", header + rows + "T0,2024-01-02,fast\n"))[0].total.updated == 1


class PgForms(Forms):
    """Web forms in PostgreSQL, with real times and a zone."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url = url
        self.engine = sa.create_engine(url)

    def create(self, table: str = "forms", key: bool = True) -> None:
        """An empty table in a schema."""
        with self.engine.begin() as c:
            c.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS customer_complaints")
            c.exec_driver_sql(
                f'CREATE TABLE customer_complaints."{table}" (request_id BIGINT PRIMARY KEY, "customeR iD" UUID, '
                '"COMPLAINT_catego ry" TEXT, resolutionstatus TEXT, request_date TIMESTAMPTZ, updated_at TIMESTAMPTZ, '
                "amount NUMERIC, extra JSONB)"
            )

    def fill(self, count: int, table: str = "forms") -> None:
        """Rows one second apart."""
        with self.engine.begin() as c:
            c.exec_driver_sql(
                f"INSERT INTO customer_complaints.\"{table}\" SELECT n, gen_random_uuid(), 'Billing', 'Backlog', "
                "'2024-01-02 10:00+01'::timestamptz + n * interval '1 second', "
                "'2024-01-02 11:00+01'::timestamptz + n * interval '1 second', 12.50, '{\"a\": [1]}' "
                f"FROM generate_series(0, {count - 1}) n"
            )


def test_web_forms_are_pulled_from_postgresql_by_watermark(database: str, tmp_path: Path) -> None:
    forms = PgForms(tmp_path, database)
    forms.create()
    forms.fill(730)
    how = {"table_schema": "customer_complaints", "watermark": "updated_at", "overlap": 5}
    summary, broker = forms.pull(**how)
    assert summary.total.loaded == 730
    event = broker.events[0]
    assert event["occurred_at"] == 1704186000000
    assert b'"amount":"12.50"' in event["payload"]
    with forms.engine.begin() as c:
        c.exec_driver_sql(
            "UPDATE customer_complaints.forms SET resolutionstatus = 'Resolved', updated_at = '2024-01-03' "
            "WHERE request_id < 3"
        )
    summary, _ = forms.pull(**how)
    assert (summary.total.updated, summary.total.known) == (3, 6)


def test_a_table_a_day_in_a_schema_of_postgresql(database: str, tmp_path: Path) -> None:
    forms = PgForms(tmp_path, database)
    for day in (1, 2):
        forms.create(f"Web_form_request_2026_01_0{day}")
    forms.fill(10, "Web_form_request_2026_01_01")
    broker = FakeBroker()
    summary, _ = forms.pull(broker, table="Web_form_request_%Y_%m_%d", table_schema="customer_complaints")
    assert [f.counted.loaded for f in summary.files] == [10, 0]
