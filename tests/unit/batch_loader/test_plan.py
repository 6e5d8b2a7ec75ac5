import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.batch_loader.files.contents import contents
from services.batch_loader.files.locate import SourceMissing, find
from services.batch_loader.manifest.lease import Lease, SourceBusy, dead, holder
from services.batch_loader.manifest.store import Manifest
from services.batch_loader.manifest.tables import SOURCES
from services.batch_loader.run_plan import PlanRun
from services.batch_loader.schedule import Due, due, next_due
from services.batch_loader.sources import Plan, Source, SourceError, plan_of
from tests.unit.batch_loader.fakes import Place

NOW = datetime(2026, 1, 10, 9, tzinfo=UTC)
DAILY = Source(kind="call_center_csv", name="lagos", schedule="0 2 * * *", timezone="UTC")
OTHER = Source(kind="web_forms", name="portal", schedule="0 3 * * *", timezone="UTC")


def test_a_source_is_due_once_after_its_time() -> None:
    assert due(DAILY, datetime(2026, 1, 9, 2, tzinfo=UTC), NOW) is not None
    assert due(DAILY, datetime(2026, 1, 10, 2, tzinfo=UTC), NOW) is None
    assert due(Source(kind="call_center_csv"), None, NOW) is None


def test_missed_days_are_caught_up() -> None:
    found = due(DAILY, NOW - timedelta(days=4), NOW)
    assert found is not None
    assert [day.day for day in found.days] == [7, 8, 9, 10]


def test_schedules_are_of_the_sources_zone() -> None:
    lagos = Source(kind="call_center_csv", schedule="0 2 * * *", timezone="Africa/Lagos")
    assert due(lagos, datetime(2026, 1, 9, 1, tzinfo=UTC), datetime(2026, 1, 10, 0, 59, tzinfo=UTC)) is None
    assert due(lagos, datetime(2026, 1, 9, 1, tzinfo=UTC), datetime(2026, 1, 10, 1, 0, tzinfo=UTC)) is not None
    assert next_due([DAILY, OTHER], NOW) == datetime(2026, 1, 11, 2, tzinfo=UTC)


class Plant:
    """A plan whose loads are noted and whose steps write a file."""

    def __init__(self, folder: Path) -> None:
        self.manifest = Manifest(f"sqlite:///{folder}/manifest.db")
        self.out = folder / "out"
        self.loaded: list[str] = []
        self.bad: set[str] = set()
        step = [sys.executable, "-c", f"open({str(self.out)!r}, 'a').write('x')"]
        self.plan = Plan(
            sources=[DAILY, OTHER],
            steps=[{"name": "reconcile", "command": step}, {"name": "report", "command": step}],  # type: ignore[list-item]
        )

    def load(self, found: Due) -> bool:
        """Note the load."""
        self.loaded.append(found.source.name)
        return found.source.name not in self.bad

    def run(self, now: datetime = NOW) -> tuple[list[str], list[str], list[str]]:
        """Run the plan."""
        outcome = PlanRun(self.plan, self.manifest, self.load).run(now)
        return outcome.done, outcome.failed, outcome.held


def test_loads_then_steps_and_nothing_twice(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    assert plant.run() == (["call_center:lagos", "web_form:portal", "reconcile", "report"], [], [])
    assert plant.run(NOW + timedelta(hours=1)) == ([], [], [])
    assert plant.out.read_text() == "xx"


def test_a_failed_load_holds_the_steps_and_is_due_again(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    plant.bad = {"lagos"}
    assert plant.run() == (["web_form:portal"], ["call_center:lagos"], ["reconcile", "report"])
    plant.bad = set()
    assert plant.run() == (["call_center:lagos", "reconcile", "report"], [], [])


def test_a_failed_step_holds_those_after_it_until_it_is_done(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    good = plant.plan.steps
    failing = good[0].model_copy(update={"command": [sys.executable, "-c", "raise SystemExit(1)"]})
    plant.plan = plant.plan.model_copy(update={"steps": [failing, good[1]]})
    assert plant.run()[1:] == (["reconcile"], ["report"])
    plant.plan = plant.plan.model_copy(update={"steps": good})
    assert plant.run() == (["reconcile", "report"], [], [])


def test_a_plan_is_read_from_yaml_and_faults_are_named(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(
        "sources:\n- kind: call_center_csv\n  name: lagos\n  schedule: '15 2 * * *'\n  locations: [calls]\n"
    )
    assert plan_of(path).sources[0].full_name == "call_center:lagos"
    for wrong, named in (("schedule: soon", "schedule"), ("timezone: Mars", "timezone"), ("colour: red", "colour")):
        path.write_text(f"sources:\n- kind: call_center_csv\n  {wrong}\n")
        with pytest.raises(SourceError, match=named):
            plan_of(path)


def test_overlapping_runs_of_a_source_are_refused(tmp_path: Path) -> None:
    manifest = Manifest(f"sqlite:///{tmp_path}/manifest.db")
    source = manifest.source("call_center:a")
    with Lease(manifest, source, "a"):
        with pytest.raises(SourceBusy), Lease(manifest, source, "a"):
            pass
        with Lease(manifest, manifest.source("call_center:b"), "b"):
            pass
    with Lease(manifest, source, "a"):
        pass


def test_the_hold_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    manifest = Manifest(f"sqlite:///{tmp_path}/manifest.db")
    source = manifest.source("call_center:a")
    gone = holder(1).replace(" 1 ", " 999999999 ")
    assert dead(gone)
    assert not dead(holder(1))
    assert not dead("another-host 1 5")
    with manifest.engine.begin() as connection:
        connection.execute(SOURCES.update().values(holder=gone, held_until=9_999_999_999_999))
    with Lease(manifest, source, "a"):
        pass


def test_loaded_files_are_archived_by_their_hash(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.settings = place.settings.model_copy(update={"batch_archive_url": f"file://{tmp_path}/archive"})
    path = place.write("calls.csv", "Ticket #,Date,Complaint\n1,2024-01-02,slow\n")
    _, broker = place.load(path)
    (content,) = contents(next(find(str(path))))
    kept = tmp_path / "archive" / content.sha256[:2] / f"{content.sha256}.csv"
    assert kept.read_bytes() == path.read_bytes()
    assert f"file={content.sha256}; line=2" in broker.events[0]["payload_type"]


def test_folders_leave_out_what_is_hidden_or_still_being_written(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "c.csv.part", "~lock.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "d.csv").write_text("x")
    assert [ref.name for ref in find(str(tmp_path))] == ["a.csv", "b.csv", "d.csv"]
    assert [ref.name for ref in find(f"{tmp_path}/?.csv")] == ["a.csv", "b.csv"]
    with pytest.raises(SourceMissing):
        list(find(f"{tmp_path}/nowhere"))


def test_an_object_store_is_read_like_a_folder() -> None:
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe("/exports/2026/a.csv", b"x")
    (ref,) = find("memory://exports/2026/")
    with ref.open() as stream:
        assert stream.read() == b"x"
