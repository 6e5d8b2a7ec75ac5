"""From the HTTP request to the queryable row: one instance of each service, a steady rate for a while."""

import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Final

import clickhouse_connect
import httpx
import psutil

from bench.figures import Figure
from deploy.local.settings import Ports
from deploy.local.stack import Stack

RATE: Final = 300
PARTS: Final = ("kafka", "clickhouse", "ingest_sms", "ingest_social", "cleaner", "classifier", "sink")
TEXT: Final = "No network for Ajah since morning, I cannot call anybody, my number is 0803%07d, help"


def measure(quick: bool = False) -> list[Figure]:
    """Latency at RATE SMS a second, and the memory of the idle stack."""
    seconds = 10 if quick else 60
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), parts=PARTS, ports=Ports.free()) as stack:
        idle = _resident_bytes(stack)
        run = f"{int(time.time())}"
        asyncio.run(_send(stack, RATE, seconds, run))
        latencies = _latencies(stack, RATE * seconds)
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
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:
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


async def _post(client: httpx.AsyncClient, url: str, message_id: str, number: int) -> None:
    body = {
        "message_id": message_id,
        "sender": f"0803{number % 10**7:07d}",
        "recipient": "131",
        "text": TEXT % (number % 10**7),
        # the moment of the request: occurred_at is what the latency is measured from
        "sent_at": int(time.time() * 1000),
        "gateway": "bench",
    }
    answer = await client.post(url, content=json.dumps(body), headers={"Content-Type": "application/json"})
    answer.raise_for_status()


def _latencies(stack: Stack, number: int) -> list[float]:
    """Seconds from the request to the row's insertion, by the machine's one clock."""
    deadline = time.monotonic() + 60
    with clickhouse_connect.get_client(dsn=stack.env["CLICKHOUSE_URL"], database="complaints") as client:
        while True:
            rows = client.query(
                "SELECT date_diff('millisecond', occurred_at, loaded_at) FROM complaint_events WHERE source = 'sms:generic'"
            ).result_columns
            if rows and len(rows[0]) > number:
                return sorted(milliseconds / 1000 for milliseconds in rows[0])
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(rows[0]) if rows else 0} of {number} rows arrived")
            time.sleep(0.5)


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _resident_bytes(stack: Stack) -> int:
    """Proportional memory of all processes of the stack after they have settled."""
    time.sleep(5)
    total = 0
    for process in psutil.Process(os.getpid()).children(recursive=True):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total
