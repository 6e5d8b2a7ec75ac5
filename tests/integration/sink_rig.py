"""What the sink's integration tests share: topics and a database of their own, gold with its ledger, and landers."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from deploy.local.clickhouse.server import LocalClickHouse
from deploy.local.kafka import LocalKafka
from services.runtime import kafka, topics
from services.runtime.codec import Codec
from services.runtime.ledger import Counts, Outputs, entry
from services.sink import service
from services.sink.migrate import migrate
from services.sink.proof.command import proven
from services.sink.proof.findings import Proof
from services.sink.ranges import Range
from services.sink.settings import SinkSettings
from services.sink.warehouse import connect
from tests.unit.sink.gold import gold

TOPICS = ("gold.realtime", "gold.batch", "ledger", "dead-letters", "incidents")
CODEC = Codec()
ROOT = Path(__file__).parents[2]


class Rig:
    """One pipeline's end: topics behind a prefix, a migrated database, and a producer in place of the classifier."""

    def __init__(self, bootstrap: str, prefix: str, url: str, database: str, **settings: Any) -> None:
        self.env = {
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "TOPIC_PREFIX": prefix,
            "TOPIC_PARTITIONS": "2",
            "CLICKHOUSE_URL": url,
            "CLICKHOUSE_DATABASE": database,
            "SESSION_TIMEOUT_MS": "6000",
            "SINK_MARTS_SECONDS": "0.5",
            "METRICS_HOST": "127.0.0.1",
        } | {name.upper(): str(value) for name, value in settings.items()}
        self.settings = SinkSettings(**{name.lower(): value for name, value in self.env.items()})  # type: ignore[arg-type]
        self.rng = random.Random(database)
        migrate(self.settings)
        topics.ensure(self.settings, TOPICS)
        self.producer = kafka.producer(self.settings)
        self.client: Client = connect(self.settings)

    def gold(self, number: int, **fields: Any) -> list[dict[str, Any]]:
        """Gold events received now."""
        now = int(time.time() * 1000)
        return [gold(self.rng, **({"received_at": now} | fields)) for _ in range(number)]

    def send(
        self, events: Sequence[dict[str, Any] | bytes | None], topic: str = "gold.realtime", announce: bool = True
    ) -> Outputs:
        """Append events to a gold topic, and the ledger entry that announces them."""
        outputs = Outputs(self.settings.topic_prefix)
        for event in events:
            value = CODEC.encode("GoldEvent", event) if isinstance(event, dict) else event
            key = str(self.rng.randrange(1000)).encode()
            self.producer.produce(self.settings.topic(topic), value, key, on_delivery=outputs.delivered)
        self.producer.flush()
        if announce:
            self.announce(outputs, len(events))
        return outputs

    def announce(self, outputs: Outputs, number: int) -> None:
        """A ledger entry that says that records were appended."""
        now = int(time.time() * 1000)
        value = entry(
            service="seed",
            topic="file:seed",
            partition=-1,
            from_position=-1,
            to_position=-1,
            log_hour=now,
            committed_at=now,
            instance="0",
            counts=Counts(read=number, written=number),
            outputs=outputs,
        )
        self.producer.produce(self.settings.topic("ledger"), CODEC.encode("LedgerEntry", value))
        self.producer.flush()

    @contextmanager
    def landing(self, lanes: Sequence[str] = tuple(service.LANES), step: Any = lambda *_: None) -> Iterator[None]:
        """Landers of some lanes, in threads of this process, until the block ends."""
        stop = threading.Event()
        failures: list[BaseException] = []

        def run(lander: Any, joining: Any) -> None:
            try:
                lander.run(joining, stop)
            except BaseException as error:
                failures.append(error)

        threads = []
        for lane in lanes:
            lander = service.lander_of(self.settings, service.LANES[lane], step=step)
            joining = service.join(self.settings, lane, service.LANES[lane], lambda: None)
            threads.append(threading.Thread(target=run, args=(lander, joining)))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(30)
        for failure in failures:
            raise failure

    def process(self, *args: str, **env: str) -> "subprocess.Popen[bytes]":
        """The sink as a process, as a user starts it; or, with arguments, the child that stops at a step."""
        command = [sys.executable, "-m", "tests.integration.sink_child", *args]
        return subprocess.Popen(command, env=os.environ | self.env | env, cwd=ROOT)

    def one(self, sql: str, **parameters: Any) -> Any:
        """The first value of a query."""
        row = self.client.query(sql, parameters=parameters).first_row
        return row[0] if row else None

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return [tuple(row) for row in self.client.query(sql, parameters=parameters).result_rows]

    def wait(self, sql: str, expected: Any, seconds: float = 40.0) -> None:
        """Until a query's first value is as expected."""
        wait_for(lambda: self.one(sql) == expected, f"{sql} = {expected}, last {self.one(sql)}", seconds)

    def proof(self, wait: float = 0.0) -> Proof:
        """The reconciliation."""
        return proven(self.settings, wait)

    def exact(self, events: Sequence[dict[str, Any]]) -> None:
        """Facts hold exactly these events, once each, and no view shows one twice."""
        wanted = {event["event_id"] for event in events}
        facts = [str(row[0]) for row in self.rows("SELECT event_id FROM complaint_events FINAL")]
        assert sorted(facts) == sorted(wanted)
        # landed is filled behind the facts, by the same insert
        self.wait("SELECT count() FROM landed FINAL", len(events))
        landed = self.rows("SELECT topic, partition, offset FROM landed FINAL")
        assert len(landed) == len(set(landed)) == len(events)
        assert self.one("SELECT count() - uniqExact(event_id) FROM complaints") == 0
        assert self.rows("SELECT * FROM ledger_breaks") == []

    def recount(self) -> list[tuple[Any, ...]]:
        """Volumes by day, counted from what the view complaints shows, without ClickHouse's help."""
        rows = self.rows(
            "SELECT toString(toDate(toTimeZone(occurred_at, 'Africa/Lagos'))), channel, category, priority, "
            "ifNull(state, ''), is_complaint AND duplicate_of IS NULL FROM complaints"
        )
        counts: dict[tuple[Any, ...], list[int]] = {}
        for *dimensions, counted in rows:
            cell = counts.setdefault(tuple(dimensions), [0, 0])
            cell[0] += bool(counted)
            cell[1] += 1
        return sorted((*key, *cell) for key, cell in counts.items())

    def volumes(self) -> list[tuple[Any, ...]]:
        """The mart's daily volumes."""
        return sorted(
            self.rows(
                "SELECT toString(period_start), channel, category, priority, state, complaints, contacts "
                "FROM complaint_volume WHERE period = 'day'"
            )
        )

    def keep(self, tables: Sequence[str]) -> None:
        """Keep a copy of tables as they are, for `restore`."""
        for table in tables:
            self.client.command(f"CREATE TABLE kept_{table} AS {table}")
            self.client.command(f"ALTER TABLE kept_{table} ATTACH PARTITION ALL FROM {table}")

    def restore(self, tables: Sequence[str]) -> None:
        """Put tables back as they were; views behind them see nothing of it."""
        for table in tables:
            self.client.command(f"TRUNCATE TABLE {table} SYNC")
            self.client.command(f"ALTER TABLE {table} ATTACH PARTITION ALL FROM kept_{table}")

    def close(self) -> None:
        """Drop the topics."""
        self.client.close()
        admin = kafka.admin(self.settings)
        admin.delete_topics([self.settings.topic(topic) for topic in TOPICS])


@contextmanager
def rig_of(kafka: LocalKafka, clickhouse: LocalClickHouse, **settings: Any) -> Iterator[Rig]:
    """A pipeline's end with topics and a database of its own, dropped afterwards: for a whole module."""
    name = uuid.uuid4().hex[:10]
    rig = Rig(kafka.bootstrap, f"m{name}.", clickhouse.url, f"m{name}", **settings)
    try:
        yield rig
        rig.client.command(f"DROP DATABASE m{name}")
    finally:
        rig.close()


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 40.0) -> None:
    """Until a condition holds; AssertionError that names it when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}"
        time.sleep(0.05)


def stopped(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a process is stopped by a signal."""
    state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "T"


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process of ours and wait for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
    process.wait(20)


Step = Callable[[str, Range | None], None]
