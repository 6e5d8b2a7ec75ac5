"""CSV to acknowledged bronze on a real local Kafka: rows a second of one process on one core, and peak memory."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from bench.figures import Figure
from deploy.local.kafka import LocalKafka

ROOT: Final = Path(__file__).parents[1]
HEADER: Final = (
    "Unnamed: 0,call ID,customeR iD,phone,COMPLAINT_catego ry,agent ID,call_start_time,resolutionstatus,state,text\n"
)
WORDS: Final = ("network", "data", "slow", "since", "morning", "please", "help", "my", "line", "money", "no", "service")
CATEGORIES: Final = ("Network", "Billing", "Data", "Recharge")
STATUSES: Final = ("Backlog", "In-Progress", "Resolved", "Blocked")
STATES: Final = ("Lagos", "Kano", "Rivers", "Oyo", "FCT")


class Taken(NamedTuple):
    """What one load took."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(quick: bool = False) -> list[Figure]:
    """A file of 400,000 rows, the same again, and a file of a gigabyte (quick: 100,000 rows, and 50 MB)."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-batch-") as name:
        folder = Path(name)
        (folder / "id.key").write_text("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        path = folder / "calls.csv"
        with LocalKafka(folder / "kafka") as broker:
            rows = write(path, 100_000 if quick else 400_000)
            taken = load(path, broker.bootstrap, folder, "rows")
            cpu = f"{taken.cpu_seconds / rows * 1e6:.1f} us of CPU a row, start included"
            figures.append(Figure("CSV to acknowledged bronze", rows / taken.seconds, "rows/s", 40_000, note=cpu))
            again = load(path, broker.bootstrap, folder, "rows")
            figures.append(Figure("the same file again", again.seconds, "s"))
            path.unlink()
            rows = write(path, megabytes=50 if quick else 1_000)
            big = load(path, broker.bootstrap, folder, "bytes")
            size = f"{path.stat().st_size / 1e6:,.0f} MB, {rows:,} rows, {rows / big.seconds:,.0f} rows/s"
            figures.append(Figure("peak memory", big.peak_mb, "MB", 250, at_most=True, note=size))
    return figures


def lines(seed: int = 1) -> Iterator[str]:
    """Rows of a call-centre export, without end."""
    dice = random.Random(seed)
    began, number = datetime(2024, 1, 1), 0
    while True:
        at = began + timedelta(seconds=number % 30_000_000)
        who = f"{dice.randrange(10**7)},080{dice.randrange(10**8):08d}"
        where = f"{dice.choice(STATUSES)},{dice.choice(STATES)},{' '.join(dice.choices(WORDS, k=8))}"
        what = f"{dice.choice(CATEGORIES)},{number % 100},{at:%Y-%m-%d %H:%M:%S}"
        yield f"{number},CALL-{number:08d},{who},{what},{where}\n"
        number += 1


def write(path: Path, rows: int = sys.maxsize, megabytes: int = sys.maxsize) -> int:
    """An export that ends at so many rows or megabytes; how many rows it has."""
    written = size = 0
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for row in lines():
            if written >= rows or size >= megabytes * 1_000_000:
                break
            size += out.write(row)
            written += 1
    return written


def load(path: Path, bootstrap: str, folder: Path, source: str) -> Taken:
    """Load a file as a user does, on one core."""
    environment = os.environ | {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "ID_KEY_FILE": str(folder / "id.key"),
        "BATCH_MANIFEST_URL": f"sqlite:///{folder}/manifest.db",
    }
    command = [sys.executable, "-m", "services.batch_loader", "load", "call_center_csv", str(path), "--name", source]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {0})  # before any thread of it is started
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the loader ended with status {status}")
    return Taken(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
