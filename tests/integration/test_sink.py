"""The sink on a real Kafka and ClickHouse's engine: exactly once, through crashes, zombies, refusals and absences."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.clickhouse.server import LocalClickHouse
from deploy.local.kafka import LocalKafka
from services.sink.lander import STEPS
from tests.integration.sink_rig import Rig, end, stopped, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture
def rig(kafka: LocalKafka, clickhouse: LocalClickHouse, prefix: str, database: str) -> Iterator[Rig]:
    """A pipeline's end of this test alone."""
    made = Rig(kafka.bootstrap, prefix, clickhouse.url, database)
    yield made
    made.close()


def test_gold_of_both_lanes_lands_and_the_proof_balances(rig: Rig) -> None:
    realtime, batch = rig.gold(300), rig.gold(200, lane="batch", channel="call_center")
    rig.send(realtime)
    rig.send(batch, "gold.batch")
    with rig.landing():
        rig.wait("SELECT count() FROM complaint_events", 500)
        proof = rig.proof(wait=30)
    rig.exact(realtime + batch)
    assert proof.settled, proof.findings
    assert proof.verdict() == "balanced: 500 gold records landed, nothing missing, nothing doubled"
    first = realtime[0]
    found = rig.client.query(
        "SELECT * FROM complaints WHERE event_id = {id:UUID}", parameters={"id": first["event_id"]}, tz_mode="aware"
    )
    row = dict(zip(found.column_names, found.first_row, strict=True))
    for name, value in first.items():
        have = row[name]
        if name.endswith("_at"):
            have = round(have.timestamp() * 1000)
        elif name.endswith("_id") and have is not None:
            have = str(have)
        assert have == pytest.approx(value) if isinstance(value, float) else have == value, name


def test_killed_at_any_step_nothing_is_lost_or_repeated(rig: Rig) -> None:
    events = []
    for step in (step for step in STEPS if step != "inserting"):
        for _ in range(2):
            more = rig.gold(60)
            events += more
            rig.send(more)
        child = rig.process("realtime", step, "1", "SIGKILL")
        try:
            wait_for(lambda child=child: child.poll() is not None, f"the child's death at {step}")  # type: ignore[misc]
        finally:
            end(child)
    with rig.landing():
        rig.wait("SELECT count() FROM complaint_events FINAL", len(events))
        proof = rig.proof(wait=30)
    rig.exact(events)
    assert proof.settled, proof.findings


@pytest.mark.parametrize("tokens", [True, False], ids=["with tokens", "with the tokens forgotten"])
def test_a_zombie_between_its_pending_commit_and_its_insert_changes_no_figure(rig: Rig, tokens: bool) -> None:
    if not tokens:
        for table in ("complaint_events", "landed", "arrivals", "revised_complaints"):
            rig.client.command(f"ALTER TABLE {table} MODIFY SETTING non_replicated_deduplication_window = 0")
    events = rig.gold(150)
    rig.send(events)
    zombie = rig.process("realtime", "inserting", "1", "SIGSTOP", INSTANCE="zombie")
    second = None
    try:
        wait_for(lambda: stopped(zombie), "the child's stop before its insert")
        second = rig.process(INSTANCE="second")
        rig.wait("SELECT count() FROM complaint_events FINAL", 150)
        wait_for(lambda: rig.volumes() == rig.recount() != [], "marts equal to a recount")
        raw = rig.one("SELECT count() FROM complaint_events")
        assert raw == 150
        zombie.send_signal(18)
        more = rig.gold(30)
        rig.send(more)
        rig.wait("SELECT count() FROM complaint_events FINAL", 180)
        # the zombie has inserted (or its token was known) once it is refused and reads no more
        wait_for(lambda: rig.one("SELECT count() FROM arrivals") >= 3, "the zombie's insert") if not tokens else None
        rig.exact(events + more)
        wait_for(lambda: rig.volumes() == rig.recount() != [], "marts equal to a recount")
        proof = rig.proof(wait=40)
    finally:
        end(zombie)
        if second is not None:
            end(second)
    rig.exact(events + more)
    assert proof.settled, proof.findings


def test_a_row_that_the_warehouse_refuses_is_a_dead_letter_and_its_neighbours_land(rig: Rig) -> None:
    good = rig.gold(60)
    bad = rig.gold(2, customer_key="+2348031234567")
    mixed = [*good[:20], bad[0], *good[20:40], b"\x00rubbish", bad[1], None, *good[40:]]
    rig.send(mixed)
    with rig.landing():
        rig.wait("SELECT count() FROM complaint_events", 60)
        rig.wait("SELECT count() FROM dead_letters", 4)
        proof = rig.proof(wait=30)
    rig.exact(good)
    assert rig.rows("SELECT reason, count() FROM dead_letters GROUP BY reason ORDER BY reason") == [
        ("null_record", 1),
        ("rejected_by_warehouse", 2),
        ("unknown_schema", 1),
    ]
    assert "+234" not in str(rig.rows("SELECT * FROM dead_letters"))
    assert proof.settled, proof.findings


def test_a_warehouse_away_for_a_while_loses_nothing(kafka: LocalKafka, prefix: str, tmp_path: Path) -> None:
    with LocalClickHouse(tmp_path / "ch") as server:
        rig = Rig(kafka.bootstrap, prefix, server.url, "complaints")
        first = rig.gold(50)
        rig.send(first)
        with rig.landing():
            rig.wait("SELECT count() FROM complaint_events", 50)
            wait_for(lambda: waiting(rig) == 0, "the group's positions at the end")
            server.kill()
            second = rig.gold(80)
            rig.send(second)
            wait_for(lambda: waiting(rig) == 80, "records that wait in Kafka")
            server.start()
            rig.wait("SELECT count() FROM complaint_events", 130)
            proof = rig.proof(wait=30)
        rig.exact(first + second)
        assert proof.settled, proof.findings
        rig.close()


def waiting(rig: Rig) -> int:
    """Records of gold.realtime beyond the group's committed offsets."""
    from services.sink.proof.log import Log

    with Log(rig.settings) as log:
        committed = log.committed("sink")
        ends = log.ends(["gold.realtime"])
        return sum(end - committed.get(place, 0) for place, (_, end) in ends.items())
