"""The batch loader against a real broker, as a user runs it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from services.runtime import kafka as clients
from services.runtime.codec import Codec
from services.runtime.settings import KafkaSettings

ROOT = Path(__file__).parents[2]
COMCAST = ROOT.parent / "shared" / "data" / "complaints" / "comcast_fcc_complaints_2015.csv"
HEADER = "Ticket #,Phone,Date,Status,Complaint\n"
pytestmark = pytest.mark.kafka


class Here:
    """An environment of the command line."""

    def __init__(self, settings: KafkaSettings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        (folder / "id.key").write_text("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        self.env = os.environ | {
            "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
            "TOPIC_PREFIX": settings.topic_prefix,
            "TOPIC_PARTITIONS": "2",
            "ID_KEY_FILE": str(folder / "id.key"),
            "BATCH_MANIFEST_URL": f"sqlite:///{folder}/manifest.db",
            "BATCH_CHUNK_ROWS": "500",
        }

    def start(self, *args: str) -> subprocess.Popen[str]:
        """The command, running."""
        command = [sys.executable, "-m", "services.batch_loader", *args]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=pipe, stderr=pipe, text=True)

    def run(self, *args: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of the command."""
        process = self.start(*args)
        out, err = process.communicate(timeout=240)
        return process.returncode, out, err

    def read(self, topic: str, record: str) -> list[dict[str, Any]]:
        """All records of a topic."""
        codec = Codec()
        reader = clients.reader(self.settings)
        name = self.settings.topic(topic)
        parts = reader.list_topics(name, timeout=10).topics[name].partitions
        reader.assign([TopicPartition(name, part, 0) for part in parts])
        found, ended = [], 0
        while ended < len(parts):
            message = reader.poll(10)
            assert message is not None
            if message.error():
                ended += 1
            else:
                found.append(codec.decode(record, message.value()))
        reader.close()
        return found


@pytest.fixture
def here(kafka_settings: KafkaSettings, tmp_path: Path) -> Here:
    return Here(kafka_settings, tmp_path)


def rows(count: int, status: str = "Open") -> str:
    return HEADER + "".join(f"T{n},0803{n:07d},2024-01-02 10:00:00,{status},no network {n}\n" for n in range(count))


def acknowledged(here: Here) -> int:
    """The line up to which the manifest remembers the file that is being loaded."""
    try:
        with closing(sqlite3.connect(f"file:{here.folder}/manifest.db?mode=ro", uri=True)) as manifest:
            return int(manifest.execute("SELECT max(line) FROM loads").fetchone()[0] or 0)
    except sqlite3.OperationalError:
        return 0  # not there yet


def test_a_loaded_file_is_in_bronze_and_the_ledger_proves_it(here: Here) -> None:
    path = here.folder / "calls.csv"
    path.write_text(rows(1_200) + "T1,torn\n")
    code, out, err = here.run("load", "call_center_csv", str(path), "--name", "lagos")
    assert code == 0
    assert "rows 1201, loaded 1200, already loaded 0, updated 0, dead 1" in out
    assert "line 1202" in err
    events = here.read("bronze.batch", "BronzeEvent")
    assert len({event["event_id"] for event in events}) == len(events) == 1_200
    ledger = here.read("ledger", "LedgerEntry")
    assert sum(entry["written"] for entry in ledger) == 1_200
    landed = [out for entry in ledger for out in entry["outputs"]]
    assert sum(out["records"] for out in landed if out["topic"] == "bronze.batch") == 1_200
    assert [letter["offset"] for letter in here.read("dead-letters", "DeadLetter")] == [1_202]
    code, out, _ = here.run("load", "call_center_csv", str(path), "--name", "lagos", "--strict")
    assert (code, "loaded 0, already loaded 1201" in out) == (0, True)


def test_strict_exits_with_1_when_a_row_is_dead(here: Here) -> None:
    path = here.folder / "calls.csv"
    path.write_text(rows(3) + "T1,torn\n")
    assert here.run("load", "call_center_csv", str(path), "--strict")[0] == 1


def test_killed_in_the_middle_it_loads_the_rest_and_repeats_only_by_id(here: Here) -> None:
    path = here.folder / "calls.csv"
    count = 30_000
    path.write_text(rows(count))
    process = here.start("load", "call_center_csv", str(path), "--name", "lagos")
    deadline = time.monotonic() + 240
    while not 0 < acknowledged(here) < count and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"
    code, out, _ = here.run("load", "call_center_csv", str(path), "--name", "lagos")
    assert code == 0
    assert f"rows {count}" in out
    events = here.read("bronze.batch", "BronzeEvent")
    assert len({event["event_id"] for event in events}) == count
    assert {event["revision_no"] for event in events} == {0}


@pytest.mark.skipif(not COMCAST.exists(), reason="the real export is not here")
def test_a_real_export_loads_wholly_with_the_right_times(here: Here) -> None:
    code, out, err = here.run("load", "call_center_csv", str(COMCAST), "--name", "comcast", "--timezone", "UTC")
    assert (code, err) == (0, "")
    assert "rows 2224, loaded 2224" in out
    events = here.read("bronze.batch", "BronzeEvent")
    assert len({event["complaint_id"] for event in events}) == 2_224
    (first,) = [event for event in events if event["payload"].startswith(b"223441,")]
    assert first["occurred_at"] == 1438683776000  # 04-Aug-15 10:22:56 AM
    assert first["fields"]["status"] == "closed"


def test_a_broker_that_is_away_is_one_clear_line(here: Here) -> None:
    path = here.folder / "calls.csv"
    path.write_text(rows(3))
    here.env["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:1"
    code, _, err = here.run("load", "call_center_csv", str(path))
    assert code == 1
    assert "no broker at 127.0.0.1:1" in err
    assert "Traceback" not in err
