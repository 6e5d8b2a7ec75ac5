"""The six services as separate processes, used as their users use them: HTTP, topics, files, commands, SQL."""

import csv
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import clickhouse_connect
import httpx
import pytest
from clickhouse_connect.driver.client import Client

from deploy.local.settings import Ports
from deploy.local.stack import Stack
from services.runtime import kafka

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse]

SECRET = "08099887766"  # a number that customers write in their texts: it must never be seen again
HEADERS = (
    "Unnamed: 0",
    "complaint_ID",
    "customeR iD",
    "COMPLAINT_catego ry",
    "agent ID",
    "resolutionstatus",
    "request_date",
    "customer_phone",
    "complaint_text",
)
TEXTS = (
    "No network for Ajah since morning, my other line is {secret}",
    "You people deducted N500 from my account again, call {secret}",
    "Data no dey work since yesterday, abeg fix am",
    "I recharged 2000 naira and my balance did not change o",
    "Network ti ko dara ni Ibadan lati aaro",
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole local stack on ports of its own."""
    with Stack(tmp_path_factory.mktemp("stack"), ports=Ports.free()) as running:
        yield running


@pytest.fixture
def warehouse(stack: Stack) -> Iterator[Client]:
    """What an analyst uses."""
    with clickhouse_connect.get_client(dsn=stack.env["CLICKHOUSE_URL"], database="complaints") as client:
        yield client


def _command(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        env=os.environ | stack.env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _text(rng: random.Random, number: int) -> str:
    return f"{rng.choice(TEXTS).format(secret=SECRET)} ({number})"


def _post_sms(stack: Stack, number: int) -> int:
    """Post messages of different customers, every tenth twice; how many different ones."""
    rng, url = random.Random(1), stack.url("ingest_sms") + "/v1/sms/generic"
    with httpx.Client() as client:
        for index in range(number):
            message = {
                "message_id": f"http-{index}",
                "sender": f"0803{rng.randrange(10**7):07d}",
                "recipient": "131",
                "text": _text(rng, index),
                "sent_at": datetime.now(UTC).isoformat(),
                "gateway": "generic",
            }
            for _ in range(2 if index % 10 == 0 else 1):
                assert client.post(url, json=message).status_code == 200
    return number


def _produce(stack: Stack, topic: str, values: list[bytes]) -> None:
    settings = stack.kafka_settings()
    producer = kafka.producer(settings)
    for value in values:
        producer.produce(settings.topic(topic), value)
    assert producer.flush(30) == 0


def _direct(number: int) -> list[bytes]:
    rng = random.Random(2)
    return [
        json.dumps(
            {
                "message_id": f"direct-{index}",
                "sender": f"+234 805 {rng.randrange(10**3):03d} {rng.randrange(10**4):04d}",
                "recipient": "300",
                "text": _text(rng, index),
                "sent_at": int(time.time() * 1000),
                "gateway": "my_system",
            }
        ).encode()
        for index in range(number)
    ]


def _posts(number: int) -> list[bytes]:
    rng = random.Random(3)
    return [
        json.dumps(
            {
                "post_id": f"18{index:017d}",
                "network": "x",
                "author_id": str(rng.randrange(10**9)),
                "author_handle": f"customer{index}",
                "text": "@beejan " + _text(rng, index),
                "created_at": datetime.now(UTC).isoformat(),
            }
        ).encode()
        for index in range(number)
    ]


def _export(path: Path, rows: int, status: str) -> None:
    """A call centre's export with the headers that they have."""
    rng = random.Random(4)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for index in range(rows):
            day = datetime.now(UTC).strftime(("%Y-%m-%d", "%d/%m/%Y")[index % 2])
            writer.writerow([index, f"C{index}", f"A{index}", "Network Failure", "7", status, day,
                             f"0802{rng.randrange(10**7):07d}", _text(rng, index)])  # fmt: skip


def _wait_balanced(stack: Stack) -> subprocess.CompletedProcess[str]:
    return _command(stack, "services.sink", "reconcile", "--wait", "60")


def test_every_channel_arrives_once_though_a_service_is_killed(stack: Stack, warehouse: Client, tmp_path: Path) -> None:
    export = tmp_path / "calls.csv"
    _export(export, 60, "Backlog")
    posted = _post_sms(stack, 40)
    _produce(stack, "ingest.sms", [*_direct(50), b"{not json", b"\0\0\0\xff\xffno such schema"])
    stack.kill("cleaner")
    _produce(stack, "ingest.social", _posts(30))
    stack.kill("classifier")
    loaded = _command(stack, "services.batch_loader", "load", "call_center_csv", str(export))
    assert loaded.returncode == 0, loaded.stderr
    _post_sms(stack, 40)
    stack.kill("sink")
    proof = _wait_balanced(stack)
    assert proof.returncode == 0, proof.stdout + proof.stderr

    found = dict(warehouse.query("SELECT source, count() FROM complaints GROUP BY source").result_rows)
    by_kind = {"http": found["sms:generic"], "direct": found["sms:my_system"], "x": found["x"]}
    assert by_kind == {"http": posted, "direct": 50, "x": 30}
    assert sum(number for source, number in found.items() if source.startswith("call_center")) == 60
    total = sum(found.values())
    [[facts, events]] = warehouse.query("SELECT count(), uniqExact(event_id) FROM complaint_events FINAL").result_rows
    assert facts == events == total
    reasons = dict(warehouse.query("SELECT reason, count() FROM dead_letters GROUP BY reason").result_rows)
    assert reasons == {"malformed": 1, "unknown_schema": 1}


def test_the_proof_says_where_a_row_is_missing(stack: Stack, warehouse: Client) -> None:
    assert _wait_balanced(stack).returncode == 0
    [[event]] = warehouse.query("SELECT event_id FROM complaint_events LIMIT 1").result_rows
    row = warehouse.query(f"SELECT * FROM complaint_events WHERE event_id = '{event}'")
    warehouse.command(f"DELETE FROM complaint_events WHERE event_id = '{event}'")
    proof = _command(stack, "services.sink", "reconcile")
    assert proof.returncode == 1
    assert "gold.realtime" in proof.stdout + proof.stderr or "gold.batch" in proof.stdout + proof.stderr
    warehouse.insert("complaint_events", row.result_rows, column_names=row.column_names)
    assert _wait_balanced(stack).returncode == 0


def test_a_file_loads_once_and_a_changed_status_is_an_update(stack: Stack, warehouse: Client, tmp_path: Path) -> None:
    export = tmp_path / "calls.csv"
    _export(export, 60, "Backlog")
    again = _command(stack, "services.batch_loader", "load", "call_center_csv", str(export))
    assert again.returncode == 0, again.stderr
    _export(export, 60, "Resolved")
    assert _command(stack, "services.batch_loader", "load", "call_center_csv", str(export)).returncode == 0
    assert _wait_balanced(stack).returncode == 0
    found = warehouse.query(
        "SELECT status, count() FROM complaints WHERE channel = 'call_center' GROUP BY status"
    ).result_rows
    assert found == [("resolved", 60)]


def test_dead_letters_can_be_listed_shown_and_replayed_by_command(stack: Stack) -> None:
    listed = _command(stack, "services.runtime", "dead-letters", "list", "--reason", "malformed")
    assert "ingest.sms" in listed.stdout
    letter = re.search(r"^ ?([0-9a-f]{12})", listed.stdout, re.MULTILINE)
    assert letter is not None, listed.stdout
    shown = _command(stack, "services.runtime", "dead-letters", "show", letter[1])
    assert "not json" in shown.stdout
    assert "raw bytes of a dead letter were read" in shown.stderr
    replayed = _command(stack, "services.runtime", "dead-letters", "replay", "--id", letter[1])
    assert replayed.returncode == 0, replayed.stderr


def test_no_personal_data_is_in_the_warehouse_the_logs_or_the_metrics(stack: Stack, warehouse: Client) -> None:
    tables = [name for (name,) in warehouse.query("SHOW TABLES").result_rows]
    for table in tables:
        rows = warehouse.raw_query(f"SELECT * FROM `{table}` FORMAT JSONEachRow").decode()
        assert SECRET not in re.sub(r"\D", "", rows) or SECRET not in rows
        assert SECRET not in rows
        assert SECRET[1:] not in rows
    for log in (stack.root / "logs").iterdir():
        assert SECRET[1:] not in log.read_text(errors="replace"), log.name
    for name in ("ingest_sms", "cleaner", "classifier", "sink"):
        assert SECRET[1:] not in httpx.get(stack.url(name) + "/metrics").text


def test_every_service_answers_health_and_metrics(stack: Stack) -> None:
    for name in ("ingest_sms", "ingest_social", "cleaner", "classifier", "sink"):
        for probe in ("startup", "ready", "live"):
            assert httpx.get(f"{stack.url(name)}/health/{probe}").status_code == 200, f"{name} {probe}"
        assert "complaints_" in httpx.get(f"{stack.url(name)}/metrics").text
    consumed = httpx.get(stack.url("cleaner") + "/metrics").text
    assert re.search(r'complaints_events_consumed_total\{service="cleaner",topic="bronze.realtime"\} [1-9]', consumed)
