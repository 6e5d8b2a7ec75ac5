"""Marts equal a recount of the facts after late events, updates, deletions, replays and second deliveries."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from deploy.local.clickhouse.server import LocalClickHouse
from deploy.local.kafka import LocalKafka
from services.sink.marts import Marts
from tests.integration.sink_rig import Rig, wait_for
from tests.unit.sink.gold import DAY

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture
def rig(kafka: LocalKafka, clickhouse: LocalClickHouse, prefix: str, database: str) -> Iterator[Rig]:
    """A pipeline's end of this test alone."""
    made = Rig(kafka.bootstrap, prefix, clickhouse.url, database)
    yield made
    made.close()


def revision(event: dict[str, Any], rng: random.Random, number: int, **fields: Any) -> dict[str, Any]:
    """A further revision of the same complaint."""
    return (
        event
        | {
            "event_id": event["event_id"][:-2] + f"{number:02x}",
            "revision_no": number,
            "revised_at": event["revised_at"] + number * 1000,
            "action": "updated",
        }
        | fields
    )


def test_every_kind_of_change_is_in_the_figures(rig: Rig) -> None:
    rng = random.Random(7)
    base = rig.gold(200)
    for index, event in enumerate(base):
        event["occurred_at"] -= (index % 20) * DAY
    moved, closed, deleted, replayed, withdrawn = base[:5]
    later = [
        revision(moved, rng, 1, category="sim_registration", occurred_at=moved["occurred_at"] - 40 * DAY),
        revision(closed, rng, 1, text="", status="resolved", imputed=[]),
        revision(deleted, rng, 1, action="deleted"),
        replayed | {"generation": 1, "category": "other", "is_complaint": False},
        withdrawn | {"generation": 1, "action": "withdrawn"},
        base[5] | {"duplicate_of": base[6]["event_id"], "generation": 1},
        *base[10:20],
    ]
    second = rig.process()
    try:
        rig.send(base)
        wait_for(lambda: len(rig.recount()) > 0 and rig.volumes() == rig.recount(), "marts equal to a recount")
        before = sum(row[-1] for row in rig.volumes())
        assert before == 200
        rig.send(later)
        rig.wait("SELECT count() FROM landed FINAL", 216)
        wait_for(lambda: rig.volumes() == rig.recount(), "marts equal to a recount after changes", 20)
    finally:
        second.terminate()
        assert second.wait(30) == 0
    contacts = sum(row[-1] for row in rig.volumes())
    complaints = sum(row[-2] for row in rig.volumes())
    assert (contacts, complaints) == (198, 196)
    assert (
        rig.one("SELECT status FROM complaints WHERE complaint_id = {c:UUID}", c=closed["complaint_id"]) == "resolved"
    )
    assert rig.one("SELECT category FROM complaints WHERE complaint_id = {c:UUID}", c=moved["complaint_id"]) == (
        "sim_registration"
    )
    for gone in (deleted, withdrawn):
        assert rig.one("SELECT count() FROM complaints WHERE complaint_id = {c:UUID}", c=gone["complaint_id"]) == 0


def test_longer_periods_are_sums_of_days_and_averages_count_empty_periods(rig: Rig) -> None:
    events = rig.gold(60, channel="sms")
    start = events[0]["received_at"] - events[0]["received_at"] % DAY + 12 * 3_600_000
    for index, event in enumerate(events):
        event["occurred_at"] = start - (index % 3) * 10 * DAY
    rig.send(events)
    with rig.landing(["realtime"]):
        rig.wait("SELECT count() FROM complaint_events", 60)
    Marts(rig.client).turn(0)
    totals = dict(rig.rows("SELECT period, sum(complaints) FROM complaint_volume GROUP BY period"))
    assert totals == dict.fromkeys(("day", "week", "month", "quarter", "year"), 60)
    average = dict(rig.rows("SELECT period, average FROM complaint_volume_average WHERE channel = 'sms'"))
    assert average["day"] == pytest.approx(60 / 21)


def test_a_day_is_a_day_in_lagos(rig: Rig) -> None:
    late = 1_780_012_200_000 - 1_780_012_200_000 % DAY + 23 * 3_600_000 + 30 * 60_000  # 23:30 UTC is 00:30 in Lagos
    rig.send(rig.gold(1, occurred_at=late))
    with rig.landing(["realtime"]):
        rig.wait("SELECT count() FROM complaint_events", 1)
    Marts(rig.client).turn(0)
    utc_day = rig.one("SELECT toString(toDate(occurred_at)) FROM complaint_events")
    lagos_day = rig.one("SELECT toString(period_start) FROM complaint_volume WHERE period = 'day'")
    assert rig.one("SELECT toDate({a:String}) + 1 = toDate({b:String})", a=utc_day, b=lagos_day) == 1


def test_what_was_touched_while_nobody_counted_is_counted_by_the_next(rig: Rig) -> None:
    events = rig.gold(20)
    rig.send(events[:10])
    with rig.landing(["realtime"]):
        rig.wait("SELECT count() FROM complaint_events", 10)
        Marts(rig.client).turn(0)
        rig.send(events[10:])
        rig.wait("SELECT count() FROM complaint_events", 20)
    # long ago, as far as the arrivals that are looked at go
    rig.client.command("ALTER TABLE arrivals UPDATE units = units WHERE 1 SETTINGS mutations_sync = 1")
    Marts(rig.client).turn(0)
    assert rig.volumes() == rig.recount()


def test_facts_expire_24_months_after_receipt_and_figures_stay(warehouse: Client, rig: Rig) -> None:
    ddl = rig.one(
        "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'complaint_events'"
    )
    assert "TTL toDateTime(received_at) + toIntervalMonth(24)" in ddl
    old = rig.gold(5)
    for event in old:
        event["received_at"] -= 740 * DAY
    rig.send(old)
    with rig.landing(["realtime"]):
        rig.wait("SELECT count() FROM landed", 5)
    Marts(rig.client).turn(0)
    rig.client.command("OPTIMIZE TABLE complaint_events FINAL")
    assert rig.one("SELECT count() FROM complaint_events") == 0
