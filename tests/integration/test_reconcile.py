"""The reconciliation catches what is lost or doubled, by name, and says nothing when all is well."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from confluent_kafka import TopicPartition

from deploy.local.clickhouse.server import LocalClickHouse
from deploy.local.kafka import LocalKafka
from services.runtime import kafka as kafka_clients
from services.sink.proof.findings import Finding, Kind
from tests.integration.sink_rig import ROOT, Rig, rig_of

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse]


KEPT = ("complaint_events", "landed", "ledger_entries")


@pytest.fixture(scope="module")
def landed(kafka: LocalKafka, clickhouse: LocalClickHouse) -> Iterator[Rig]:
    """A pipeline's end with 140 events landed and balanced, in at least two ranges a partition of gold.realtime."""
    # members leave the group when they stop, so that a test may move its offsets
    with rig_of(kafka, clickhouse, static_membership=False) as made:
        with made.landing():
            made.send(made.gold(60))
            made.send(made.gold(40), "gold.batch")
            made.wait("SELECT count() FROM complaint_events", 100)
            made.send(made.gold(40))
            made.wait("SELECT count() FROM complaint_events", 140)
            assert made.proof(wait=40).settled
        made.keep(KEPT)
        yield made


@pytest.fixture
def rig(landed: Rig) -> Iterator[Rig]:
    """The same for every test, whatever the test before has broken."""
    yield landed
    landed.restore(KEPT)


def command(rig: Rig, *args: str) -> "subprocess.CompletedProcess[str]":
    """The command as an operator runs it."""
    line = [sys.executable, "-m", "services.sink", "reconcile", *args]
    return subprocess.run(line, env=os.environ | rig.env, cwd=ROOT, capture_output=True, text=True, timeout=60)


def wrong(rig: Rig) -> list[Finding]:
    return rig.proof().of(Kind.MISSING, Kind.DOUBLED)


def test_balanced_ends_with_zero_and_the_verdict_last(rig: Rig) -> None:
    done = command(rig)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "balanced: 140 gold records landed, nothing missing, nothing doubled"
    assert {row[0] for row in rig.rows("SELECT verdict FROM reconciliation")} == {"balanced"}


def test_a_row_deleted_from_the_facts_is_named(rig: Rig) -> None:
    topic, partition, offset = rig.rows(
        "SELECT kafka_topic, kafka_partition, kafka_offset FROM complaint_events LIMIT 1"
    )[0]
    rig.client.command(
        "ALTER TABLE complaint_events DELETE WHERE kafka_topic = {t:String} AND kafka_partition = {p:UInt16} "
        "AND kafka_offset = {o:UInt64} SETTINGS mutations_sync = 1",
        parameters={"t": topic, "p": partition, "o": offset},
    )
    [finding] = wrong(rig)
    assert (finding.kind, finding.layer, finding.place, finding.records) == (
        Kind.MISSING,
        "facts",
        f"{topic}[{partition}]",
        1,
    )
    assert finding.what.endswith(f"offsets {offset}")
    done = command(rig)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "not balanced: 1 missing"


def test_a_row_deleted_everywhere_is_named_from_the_topic(rig: Rig) -> None:
    topic, partition, offset = rig.rows(
        "SELECT topic, partition, offset FROM landed WHERE topic = 'gold.batch' LIMIT 1"
    )[0]
    for table, prefix in (("complaint_events", "kafka_"), ("landed", "")):
        rig.client.command(
            f"ALTER TABLE {table} DELETE WHERE {prefix}topic = {{t:String}} AND {prefix}partition = {{p:UInt16}} "
            f"AND {prefix}offset = {{o:UInt64}} SETTINGS mutations_sync = 1",
            parameters={"t": topic, "p": partition, "o": offset},
        )
    [finding] = wrong(rig)
    assert (finding.kind, finding.layer, finding.place, finding.records) == (
        Kind.MISSING,
        "warehouse",
        f"{topic}[{partition}]",
        1,
    )
    assert finding.what.endswith(f"offsets {offset}")
    assert command(rig).returncode == 1


@pytest.mark.parametrize("which", ["min", "max"])
def test_a_removed_ledger_entry_is_found_whether_first_or_last(rig: Rig, which: str) -> None:
    order = "ASC" if which == "min" else "DESC"
    service, topic, partition, start = rig.rows(
        "SELECT service, topic, partition, from_position FROM ledger WHERE service = 'sink' "
        f"AND topic = 'gold.realtime' AND partition = 0 ORDER BY from_position {order} LIMIT 1"
    )[0]
    rig.client.command(
        "ALTER TABLE ledger_entries DELETE WHERE service = {s:String} AND topic = {t:String} AND partition = {p:Int32} "
        "AND from_position = {f:Int64} SETTINGS mutations_sync = 1",
        parameters={"s": service, "t": topic, "p": partition, "f": start},
    )
    found = wrong(rig)
    assert found
    assert all(finding.place == "gold.realtime[0]" for finding in found)
    assert command(rig).returncode == 1


def test_a_doubled_row_is_named(rig: Rig) -> None:
    rig.client.command("SYSTEM STOP MERGES complaint_events")
    try:
        rig.client.command("INSERT INTO complaint_events SELECT * FROM complaint_events LIMIT 1")
        [finding] = wrong(rig)
        assert (finding.kind, finding.layer, finding.records) == (Kind.DOUBLED, "facts", 1)
        assert rig.one("SELECT count() - uniqExact(event_id) FROM complaints") == 0
        assert command(rig).returncode == 1
    finally:
        rig.client.command("SYSTEM START MERGES complaint_events")


def test_a_row_that_no_record_brought_is_named(rig: Rig) -> None:
    columns = [
        str(row[0])
        for row in rig.rows(
            "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'complaint_events' "
            "AND default_kind != 'MATERIALIZED'"
        )
    ]
    chosen = ", ".join("generateUUIDv4()" if name == "event_id" else name for name in columns)
    rig.client.command("DETACH TABLE landed_from_complaint_events")
    try:
        rig.client.command(
            f"INSERT INTO complaint_events ({', '.join(columns)}) SELECT {chosen} FROM complaint_events LIMIT 1"
        )
    finally:
        rig.client.command("ATTACH TABLE landed_from_complaint_events")
    [finding] = wrong(rig)
    assert (finding.kind, finding.layer) == (Kind.DOUBLED, "facts")
    assert "no gold record brought" in finding.what


def test_records_that_wait_are_in_flight_and_a_skipped_one_is_named(
    kafka: LocalKafka, clickhouse: LocalClickHouse
) -> None:
    with rig_of(kafka, clickhouse, static_membership=False) as rig:
        with rig.landing():
            rig.send(rig.gold(30))
            assert rig.proof(wait=40).settled
        rig.send(rig.gold(30))
        waiting = rig.proof()
        assert not waiting.wrong
        assert not waiting.settled
        assert command(rig).returncode == 0
        consumer = kafka_clients.consumer(rig.settings, "sink")
        place = TopicPartition(rig.settings.topic("gold.realtime"), 1)
        skipped = consumer.committed([place], timeout=10)[0].offset
        consumer.commit(offsets=[TopicPartition(place.topic, 1, skipped + 1)], asynchronous=False)
        consumer.close()
        with rig.landing():
            rig.wait("SELECT count() FROM complaint_events", 59)
            proof = rig.proof(wait=6)
        found = proof.of(Kind.MISSING, Kind.DOUBLED)
        gaps = [finding for finding in found if finding.layer == "ledger"]
        assert [gap.place for gap in gaps] == ["gold.realtime[1]"]
        assert gaps[0].what.endswith(f"offsets {skipped}")
        assert {finding.layer for finding in found} == {"ledger", "gold"}
        assert command(rig, "--wait", "1").returncode == 1
