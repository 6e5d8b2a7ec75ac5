import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from services.batch_loader.databases.pages import Pages, TableError
from services.batch_loader.databases.tables import Daily, connect, is_database
from services.batch_loader.databases.watermark import Watermark
from services.batch_loader.load_tables import TableLoads
from services.batch_loader.session import Session
from services.batch_loader.sources import Source
from services.batch_loader.summary import Summary
from services.runtime.errors import BrokerBusy
from tests.unit.batch_loader.fakes import FakeBroker, Place

COLUMNS = ["request_id", "customeR iD", "COMPLAINT_catego ry", "resolutionstatus", "request_date", "updated_at"]


class Forms(Place):
    """A place with a database of web forms."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"sqlite:///{folder}/forms.db"
        self.engine = sa.create_engine(self.url)

    def create(self, table: str = "forms", key: bool = True) -> None:
        """An empty table."""
        names = ", ".join(f'"{c}" {"TIMESTAMP" if "date" in c else "TEXT"}' for c in COLUMNS[1:])
        with self.engine.begin() as c:
            c.exec_driver_sql(f'CREATE TABLE "{table}" (request_id TEXT {"PRIMARY KEY" if key else ""}, {names})')

    def put(
        self, ids: range, status: str = "Backlog", updated: str | None = "2024-01-02 11:00:00", table: str = "forms"
    ) -> None:
        """Insert or replace rows."""
        rows = [(f"R{n:05d}", f"C{n}", "Billing", status, "2024-01-02 10:00:00", updated) for n in ids]
        with self.engine.begin() as c:
            for row in rows:
                c.exec_driver_sql(f'INSERT OR REPLACE INTO "{table}" VALUES (?, ?, ?, ?, ?, ?)', row)

    def pull(self, broker: FakeBroker | None = None, **source: Any) -> tuple[Summary, FakeBroker]:
        """Load the table."""
        broker = broker or FakeBroker()
        of = Source(**{"kind": "web_forms", "name": "portal", "table": "forms"} | source)
        with Session(self.settings, of, Console(file=io.StringIO()), broker) as session:
            return TableLoads(session).run(self.url), broker


@pytest.fixture
def forms(tmp_path: Path) -> Forms:
    place = Forms(tmp_path)
    place.create()
    return place


def test_rows_of_a_table_are_web_form_events_with_the_row_as_json(forms: Forms) -> None:
    forms.put(range(250))
    summary, broker = forms.pull()
    assert (summary.total.rows, summary.total.loaded) == (250, 250)
    event = broker.events[0]
    assert (event["source"], event["channel"], event["lane"]) == ("web_form:portal", "web_form", "batch")
    assert event["payload"].startswith(b'{"request_id":"R00000","customeR iD":"C0"')
    assert event["payload_type"].startswith("application/json; table=forms; file=")
    assert event["fields"] == {"category": "Billing", "status": "acknowledged", "source_status": "Backlog"}
    assert event["identifiers"] == [{"kind": "account", "value": "C0"}]


def test_a_second_run_finds_new_and_changed_rows_by_watermark(forms: Forms) -> None:
    forms.put(range(249), updated="2024-01-02 10:30:00")
    forms.put(range(249, 250), updated="2024-01-02 11:00:00")
    forms.pull(watermark="updated_at")
    forms.put(range(3), "Resolved", "2024-01-02 12:30:00")
    forms.put(range(250, 255), updated="2024-01-02 12:31:00")
    summary, broker = forms.pull(watermark="updated_at", overlap=60)
    assert (summary.total.rows, summary.total.updated, summary.total.loaded) == (9, 3, 5)
    assert {e["revision_no"] for e in broker.events if e["action"] == "updated"} == {1}
    assert {e["revised_at"] for e in broker.events if e["action"] == "updated"} == {1704195000000}


def test_the_overlap_finds_rows_that_were_committed_late(forms: Forms) -> None:
    forms.put(range(10), updated="2024-01-02 12:00:00")
    forms.pull(watermark="updated_at")
    forms.put(range(10, 12), updated="2024-01-02 11:30:00")
    summary, _ = forms.pull(watermark="updated_at", overlap=3_600)
    assert (summary.total.rows, summary.total.loaded, summary.total.known) == (12, 2, 10)
    forms.put(range(12, 14), updated="2024-01-02 11:30:00")
    summary, _ = forms.pull(watermark="updated_at", overlap=60)
    assert summary.total.loaded == 0


def test_rows_without_a_watermark_are_read_each_time(forms: Forms) -> None:
    forms.put(range(5))
    forms.put(range(5, 8), updated=None)
    assert forms.pull(watermark="updated_at")[0].total.loaded == 8
    forms.put(range(8, 10), updated=None)
    assert forms.pull(watermark="updated_at", overlap=0)[0].total.loaded == 2


def test_a_row_from_the_future_does_not_hide_those_before_it(tmp_path: Path) -> None:
    place = Forms(tmp_path)
    times = [sa.Column(name, sa.DateTime) for name in ("created_at", "updated_at")]
    columns = [sa.Column("id", sa.Integer, primary_key=True), *times, sa.Column("complaint", sa.Text)]
    table = sa.Table("forms", sa.MetaData(), *columns)
    table.create(place.engine)
    created = datetime(2024, 1, 2, 10)
    with place.engine.begin() as c:
        c.execute(
            table.insert(), {"id": 1, "created_at": created, "updated_at": datetime(2999, 1, 1), "complaint": "a"}
        )
    place.pull(watermark="updated_at")
    with place.engine.begin() as c:
        now = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)  # the source's clock is Lagos time
        c.execute(table.insert(), {"id": 2, "created_at": created, "updated_at": now, "complaint": "b"})
    assert place.pull(watermark="updated_at")[0].total.loaded == 1


def test_without_a_watermark_all_rows_are_read_and_changes_found(forms: Forms) -> None:
    forms.put(range(250))
    forms.pull()
    forms.put(range(2), "Resolved")
    summary, _ = forms.pull()
    assert (summary.total.rows, summary.total.updated, summary.total.known) == (250, 2, 248)


def test_a_view_without_a_key_is_read_by_a_cursor(forms: Forms) -> None:
    forms.put(range(250))
    with forms.engine.begin() as c:
        c.exec_driver_sql("CREATE VIEW open_forms AS SELECT * FROM forms")
    assert forms.pull(table="open_forms")[0].total.loaded == 250


def test_a_table_a_day_is_found_by_its_name_and_read_again_for_some_days(tmp_path: Path) -> None:
    place = Forms(tmp_path)
    for day in range(1, 11):
        place.create(f"Web_form_request_2026_01_{day:02d}")
        place.put(range(day * 10, day * 10 + 5), table=f"Web_form_request_2026_01_{day:02d}")
    source = {"table": "Web_form_request_%Y_%m_%d", "days": 3}
    summary, _ = place.pull(**source)
    assert (len(summary.files), summary.total.loaded) == (10, 50)
    place.create("Web_form_request_2026_01_12")
    place.put(range(900, 903), table="Web_form_request_2026_01_12")
    place.put(range(90, 91), "Resolved", table="Web_form_request_2026_01_09")
    summary, _ = place.pull(**source)
    assert [f.name[-2:] for f in summary.files] == ["08", "09", "10", "12"]
    assert (summary.total.loaded, summary.total.updated) == (3, 1)


def test_a_broken_run_goes_on_from_what_was_acknowledged(forms: Forms) -> None:
    forms.put(range(1_000))
    broken = FakeBroker(6)
    with pytest.raises(BrokerBusy):
        forms.pull(broken, watermark="updated_at")
    _, second = forms.pull(watermark="updated_at")
    ids = {e["event_id"] for e in (*broken.events, *second.events)}
    assert len(ids) == 1_000
    assert {e["revision_no"] for e in second.events} == {0}


def test_a_faulty_row_is_a_dead_letter_and_the_rest_is_loaded(forms: Forms) -> None:
    forms.put(range(5))
    with forms.engine.begin() as c:
        c.exec_driver_sql("UPDATE forms SET request_date = '1890-01-01 00:00:00' WHERE request_id = 'R00002'")
    summary, broker = forms.pull()
    assert (summary.total.loaded, summary.total.dead) == (4, 1)
    assert broker.of("dead-letters")[0]["reason"] == "bad_timestamp"


def test_an_unknown_table_is_one_clear_error(forms: Forms) -> None:
    with pytest.raises(TableError, match="nowhere: no such table"):
        forms.pull(table="nowhere")


def test_an_address_that_is_no_database_or_lacks_its_driver_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TableError):
        connect("nonsense")
    (tmp_path / "address").write_text("sqlite:///x.db\n")
    assert connect(f"@{tmp_path}/address").url.database == "x.db"


@pytest.mark.parametrize(("text", "yes"), [("mysql+pymysql://h/d", True), ("s3://b/k", False), ("/a/b.csv", False)])
def test_databases_are_told_from_files(text: str, yes: bool) -> None:
    assert is_database(text) is yes


@pytest.mark.parametrize(
    "value", [datetime(2024, 1, 2, 3, 4, 5, 6), datetime(2024, 1, 2, tzinfo=UTC), date(2024, 1, 2), 42, "2024-01-02"]
)
def test_a_watermark_survives_the_manifest(value: Any) -> None:
    assert Watermark.from_json(Watermark(value).to_json()).value == value


def test_daily_names_are_read_without_case() -> None:
    assert Daily("Web_form_request_%Y_%m_%d").day("web_form_request_2026_02_03") == date(2026, 2, 3)
    assert Daily("f_%Y%m%d").day("f_20260230") is None


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5) | st.none(), st.integers(0, 30)), unique_by=lambda t: t[1]), st.integers(1, 7)
)
def test_pages_give_each_row_once_in_order_whatever_their_size(rows: list[tuple[int | None, int]], size: int) -> None:
    engine = sa.create_engine("sqlite://")
    table = sa.Table("t", sa.MetaData(), sa.Column("w", sa.Integer), sa.Column("k", sa.Integer, primary_key=True))
    table.create(engine)
    if rows:
        with engine.begin() as c:
            c.execute(table.insert(), [{"w": w, "k": k} for w, k in rows])
    pages = Pages(engine, table, [table.c.k], table.c.w, 2, size)
    found = [tuple(row) for page in pages for row in page]
    stamped = sorted((w, k) for w, k in rows if w is not None and w >= 2)
    assert found == [*stamped, *sorted((pair for pair in rows if pair[0] is None), key=lambda pair: pair[1])]
    assert all(len(page) <= size for page in pages)
