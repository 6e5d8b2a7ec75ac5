"""From the HTTP request to the queryable row: one instance of each service, a steady rate for a while."""

import asyncio
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

import aiohttp
import clickhouse_connect
import psutil

from bench.figures import Figure
from deploy.local.settings import Ports
from deploy.local.stack import Stack

RATE: Final = 300
SAMPLE_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 60.0
PARTS: Final = ("kafka", "clickhouse", "ingest_sms", "cleaner", "classifier", "sink")
TEXT: Final = "No network for Ajah since morning, I cannot call anybody, my number is 0803%07d, help"


def measure(quick: bool = False) -> list[Figure]:
    """Latency at RATE SMS a second, and the memory of the idle stack."""
    seconds = 10 if quick else 60
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), parts=PARTS, ports=Ports.free()) as stack:
        idle = _resident_bytes()
        run = f"{int(time.time())}"
        watch = _Watch(stack.env["CLICKHOUSE_URL"])
        watch.start()
        asyncio.run(_send(stack, RATE, seconds, run))
        latencies = watch.wait_for(RATE * seconds)
    figures = [
        Figure(
            f"request to row, {share}",
            _quantile(latencies, q),
            "s",
            must,
            at_most=True,
            note=f"{RATE}/s for {seconds} s",
        )
        for share, q, must in (("p50", 0.5, None), ("p95", 0.95, None), ("p99", 0.99, 1.5))
    ]
    return [*figures, Figure("idle memory of the local stack", idle / 1e9, "GB", 2.5, at_most=True)]


async def _send(stack: Stack, rate: int, seconds: int, run: str) -> None:
    """Post at a steady rate: each second's requests are spread over it; a late one is not skipped."""
    url = stack.url("ingest_sms") + "/v1/sms/generic"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as client:
        await _post(client, url, f"{run}-warm", 0)
        started = time.perf_counter()
        running: set[asyncio.Task[None]] = set()
        for number in range(rate * seconds):
            ahead = started + number / rate - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            task = asyncio.create_task(_post(client, url, f"{run}-{number}", number))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)


async def _post(client: aiohttp.ClientSession, url: str, message_id: str, number: int) -> None:
    body = {
        "message_id": message_id,
        "sender": f"0803{number % 10**7:07d}",
        "recipient": "131",
        "text": TEXT % (number % 10**7),
        # the moment of the request: occurred_at is what the latency is measured from
        "sent_at": int(time.time() * 1000),
        "gateway": "bench",
    }
    async with client.post(url, json=body) as answer:
        answer.raise_for_status()
        await answer.read()


class _Watch(threading.Thread):
    """Sees each row when a query first returns it: what it measures is late by SAMPLE_SECONDS at most."""

    def __init__(self, url: str) -> None:
        super().__init__(name="watch", daemon=True)
        self._client = clickhouse_connect.get_client(dsn=url, database="complaints")
        self._since = 0
        self._done = threading.Event()
        self.seconds: dict[str, float] = {}

    def run(self) -> None:
        """Ask for rows younger than the youngest seen, with a second of overlap, until all are there."""
        while not self._done.wait(SAMPLE_SECONDS):
            rows = self._client.query(
                "SELECT toString(event_id), toUnixTimestamp64Milli(occurred_at), toUnixTimestamp64Milli(loaded_at) "
                "FROM complaint_events WHERE source = 'sms:bench' "
                "AND loaded_at > fromUnixTimestamp64Milli({since:Int64})",
                parameters={"since": max(self._since - 1000, 0)},
            ).result_rows
            now = time.time() * 1000
            for event, occurred_at, loaded_at in rows:
                self.seconds.setdefault(event, (now - occurred_at) / 1000)
                self._since = max(self._since, loaded_at)

    def wait_for(self, number: int) -> list[float]:
        """Seconds from request to row of all, ascending."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.seconds) < number:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.seconds)} of {number} rows arrived")
            time.sleep(0.2)
        self._done.set()
        self.join()
        self._client.close()
        return sorted(self.seconds.values())


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _resident_bytes() -> int:
    """Proportional memory of all processes of the stack after they have settled."""
    time.sleep(5)
    total = 0
    for process in psutil.Process(os.getpid()).children(recursive=True):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total
