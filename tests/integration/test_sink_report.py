"""The report on real figures: every panel's query runs, figures equal an independent count, nothing points outside."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.local.clickhouse.server import LocalClickHouse
from deploy.local.kafka import LocalKafka
from services.sink.marts import Marts
from services.sink.panels import PANELS
from services.sink.panels.definition import Kind
from services.sink.report.ask import ask
from services.sink.report.page import BEGINNING, render
from tests.integration.sink_rig import ROOT, Rig, rig_of
from tests.unit.sink.gold import DAY

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture(scope="module")
def rig(kafka: LocalKafka, clickhouse: LocalClickHouse) -> Iterator[Rig]:
    """A pipeline's end; the first test finds it empty."""
    with rig_of(kafka, clickhouse, static_membership=False) as made:
        yield made


@pytest.fixture(scope="module")
def events(rig: Rig) -> list[dict[str, Any]]:
    """What was landed in it."""
    return seed(rig)


def seed(rig: Rig) -> list[dict[str, Any]]:
    """Three hundred events over 90 days, counted."""
    events = rig.gold(300)
    for index, event in enumerate(events):
        event["occurred_at"] -= (index % 90) * DAY
        event["status"] = ("acknowledged", "resolved", "inProgress")[index % 3]
    rig.send(events)
    with rig.landing():
        assert rig.proof(wait=40).settled
    Marts(rig.client).turn(0)
    return events


def test_an_empty_warehouse_gives_a_report_that_says_so(rig: Rig) -> None:
    html = render(rig.client, now=datetime.now(UTC))
    assert html.count("Nothing to show yet.") > 10
    assert "Reconciliation" in html


def test_every_panel_answers_with_its_columns_and_figures_equal_an_independent_count(
    rig: Rig, events: list[dict[str, Any]]
) -> None:
    now = datetime.now(UTC)
    answers = {}
    for name, panel in PANELS.items():
        answers[name] = ask(rig.client, panel, BEGINNING, now)
        wanted = {column for column in (panel.x, panel.series, *panel.y) if column}
        if answers[name].rows:
            assert wanted <= set(answers[name].columns), name
        if panel.kind is Kind.STAT:
            assert len(answers[name].rows) == 1, name
    categories = Counter(event["category"] for event in events)
    pareto = answers["category_pareto"]
    assert dict(zip(pareto.column("category"), pareto.column("complaints"), strict=True)) == categories
    priorities: Counter[str] = Counter()
    for row in answers["priorities"].dicts():
        priorities[row["priority"]] += row["complaints"]
    assert priorities == Counter(event["priority"] for event in events)
    assert sum(answers["hour_by_weekday"].column("complaints")) == 300
    hours = Counter(((datetime.fromtimestamp(event["occurred_at"] / 1000, UTC).hour + 1) % 24) for event in events)
    by_hour: Counter[int] = Counter()
    for row in answers["hour_by_weekday"].dicts():
        by_hour[row["hour"]] += row["complaints"]
    assert by_hour == hours
    silent = {name for name, answer in answers.items() if not answer.rows}
    assert silent == {"incidents_timeline", "dead_letters_by_reason"}
    for period in ("day", "week", "month", "quarter", "year"):
        volume = ask(rig.client, PANELS["volume_by_channel"], BEGINNING, now, {"period": period})
        assert sum(volume.column("complaints")) == 300, period
    [opened] = answers["open_now"].dicts()
    still_open = [event for event in events if event["status"] != "resolved"]
    assert opened["open"] == len(still_open)
    assert opened["p1"] == sum(event["priority"] == "P1" for event in still_open)
    assert sum(answers["masks_by_type"].column("masks")) == 300
    assert answers["missing"].dicts() == [{"missing": 0, "doubled": 0}]


def test_the_report_is_one_file_that_needs_no_network(rig: Rig, events: list[dict[str, Any]], tmp_path: Path) -> None:
    assert events
    out = tmp_path / "deep" / "report.html"
    command = [sys.executable, "-m", "services.sink", "report", "--out", str(out)]
    done = subprocess.run(command, env=os.environ | rig.env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    html = out.read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#|data:)", html)
    assert not re.search(r"url\(|@import|https?://", html)
    for panel in PANELS.values():
        assert panel.title in html
    assert html.count("<svg") >= 2 * sum(
        panel.kind not in (Kind.STAT, Kind.TABLE, Kind.SPANS) for panel in PANELS.values()
    )
    assert html.count("<details>") >= 15


def test_a_file_that_cannot_be_written_is_one_line(rig: Rig, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "services.sink", "report", "--out", str(tmp_path)]
    done = subprocess.run(command, env=os.environ | rig.env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "--out" in done.stderr
