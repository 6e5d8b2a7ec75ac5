"""python -m services.sink reconcile."""

import argparse
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console

from services.runtime.cli import EXIT_DATA, EXIT_OK
from services.runtime.errors import BrokerBusy
from services.runtime.settings import load
from services.sink.proof.collect import BEGINNING, Collector
from services.sink.proof.findings import Proof
from services.sink.proof.log import Log
from services.sink.proof.show import show
from services.sink.settings import SinkSettings
from services.sink.warehouse import WarehouseAway, connect

DEFAULT_WAIT: Final = 60.0
PAUSE: Final = 1.0


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    command.add_argument(
        "--wait",
        nargs="?",
        type=float,
        const=DEFAULT_WAIT,
        default=0.0,
        metavar="SECONDS",
        help=f"wait so long until everything balances and nothing is in flight (without a number {DEFAULT_WAIT:.0f})",
    )
    command.add_argument(
        "--since", type=_since, default=BEGINNING, metavar="HOURS", help="compare only the last HOURS hours of the log"
    )
    command.add_argument("--json", action="store_true", help="print the findings as JSON lines instead of tables")


def _since(text: str) -> datetime:
    hours = float(text)
    return (datetime.now(UTC) - timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)


def reconcile(args: argparse.Namespace) -> int:
    """Print the proof; exit code 1 when something is missing or doubled, or when waiting was in vain."""
    settings = load(SinkSettings)
    proof = proven(settings, args.wait, args.since)
    if args.json:
        for finding in proof.findings:
            hour = finding.hour.isoformat() if finding.hour else None
            line = {"verdict": finding.kind.value, "layer": finding.layer, "where": finding.place, "hour": hour}
            print(json.dumps(line | {"records": finding.records, "what": finding.what}))
    else:
        console = Console()
        if not console.is_terminal:
            console = Console(width=160)
        show(proof, console)
    return EXIT_DATA if proof.wrong or (args.wait and not proof.settled) else EXIT_OK


def proven(settings: SinkSettings, wait: float = 0.0, since: datetime = BEGINNING) -> Proof:
    """A proof; with `wait`, the first that is settled, or the last that could be had within so many seconds."""
    deadline = time.monotonic() + wait
    with Log(settings) as log:
        while True:
            try:
                with connect(settings) as client:
                    proof = Collector(client, log, since).collect()
                    if proof.wrong:
                        # what was only under way between two of the questions is not wrong any more
                        proof.keep(Collector(client, log, since).collect())
            except (WarehouseAway, BrokerBusy):
                if time.monotonic() >= deadline:
                    raise
            else:
                if proof.settled or time.monotonic() >= deadline:
                    return proof
            time.sleep(PAUSE)
