"""How soon a killed instance is replaced and working again: from SIGKILL to the next complaint's row."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import clickhouse_connect
import httpx

from bench.figures import Figure
from deploy.local.settings import Ports
from deploy.local.stack import Stack

PARTS: Final = ("kafka", "clickhouse", "ingest_sms", "cleaner", "classifier", "sink")
KILLED: Final = ("cleaner", "classifier", "sink", "ingest_sms")
PATIENCE: Final = 60.0


def measure(quick: bool = False) -> list[Figure]:
    """Seconds from the kill to the row of a complaint that was sent right after it."""
    figures = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder), parts=PARTS, ports=Ports.free()) as stack,
        clickhouse_connect.get_client(dsn=stack.env["CLICKHOUSE_URL"], database="complaints") as client,
    ):
        sent = 0
        for name in KILLED:
            times = []
            for _ in range(1 if quick else 3):
                stack.wait_ready()
                started = time.monotonic()
                stack.kill(name)
                sent = _send(stack, sent)
                _wait_for_rows(client, sent)
                times.append(time.monotonic() - started)
            figures.append(
                Figure(f"{name} killed, next row", statistics.median(times), "s", 20, at_most=True, note=_range(times))
            )
    return figures


def _send(stack: Stack, sent: int) -> int:
    """Post until one is accepted; how many were."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        body = {
            "message_id": f"recovery-{sent}",
            "sender": f"0803{sent:07d}",
            "text": f"No network for Ajah since morning ({sent})",
            "sent_at": int(time.time() * 1000),
        }
        try:
            if httpx.post(stack.url("ingest_sms") + "/v1/sms/generic", json=body).status_code == 200:
                return sent + 1
        except httpx.HTTPError:
            time.sleep(0.05)
    raise TimeoutError("ingest_sms did not accept anything")


def _wait_for_rows(client: clickhouse_connect.driver.client.Client, number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if client.query("SELECT uniqExact(event_id) FROM complaint_events").result_rows[0][0] >= number:
            return
        time.sleep(0.05)
    raise TimeoutError(f"the row of complaint {number} did not arrive")


def _range(times: list[float]) -> str:
    return f"{min(times):.1f} to {max(times):.1f} s over {len(times)} kills"
