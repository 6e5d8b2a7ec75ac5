"""python -m tests.chaos: the long fault run. The same seed makes the same faults in the same order."""

import argparse
import logging
import random
import tempfile
import time
from pathlib import Path

import clickhouse_connect
from rich.console import Console
from rich.table import Table

from deploy.local.settings import Ports
from deploy.local.stack import Stack
from services.runtime.cli import EXIT_DATA, EXIT_OK, Parser, run
from tests.chaos.faults import Faults
from tests.chaos.traffic import Traffic
from tests.chaos.verdict import DuplicateWatch, problems

PARTS = ("kafka", "clickhouse", "ingest_sms", "ingest_social", "cleaner", "classifier", "sink")


def chaos(seed: int, seconds: float, rate: float, console: Console) -> list[str]:
    """Run faults under traffic, then judge; what is wrong, empty when nothing is."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder), parts=PARTS, ports=Ports.free()) as stack,
        clickhouse_connect.get_client(dsn=stack.env["CLICKHOUSE_URL"], database="complaints") as client,
        clickhouse_connect.get_client(dsn=stack.env["CLICKHOUSE_URL"], database="complaints") as watching,
    ):
        for service in ("cleaner", "classifier", "sink"):
            stack.add(service, 1)
        traffic, faults = Traffic(stack, Path(folder), seed, rate), Faults(stack, seed, console.print)
        watch = DuplicateWatch(watching)
        watch.start()
        traffic.start()
        started = time.monotonic()
        faults.run(seconds)
        stack.wait_ready(120)
        traffic.stop()
        wrong = problems(stack, client, traffic.accepted)
        watch.end()
        _show(console, seed, time.monotonic() - started, traffic, faults, watch)
    return wrong + watch.seen


def _show(console: Console, seed: int, seconds: float, traffic: Traffic, faults: Faults, watch: DuplicateWatch) -> None:
    table = Table("fault", "times", "longest recovery", title=f"seed {seed}, {seconds:.0f} s", title_justify="left")
    for name, number in sorted(faults.tally.faults.items()):
        table.add_row(name, str(number), f"{faults.tally.longest[name]:.1f} s")
    console.print(table)
    accepted = traffic.accepted
    sources = ", ".join(f"{source} {len(ids)}" for source, ids in sorted(accepted.ids.items()))
    console.print(
        f"accepted {accepted.total()} complaints ({sources}), "
        f"{accepted.malformed} malformed records, {accepted.refused} requests refused and sent again; "
        f"views asked {watch.asked} times, duplicates seen {len(watch.seen)}"
    )


def _run(args: argparse.Namespace) -> int:
    logging.disable(logging.CRITICAL)  # clients complain of what is done to their servers
    console = Console()
    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(10**6)
    console.print(f"seed {seed}: repeat with --seed {seed}")
    wrong = chaos(seed, args.seconds, args.rate, console)
    for line in wrong:
        console.print(f"WRONG: {line}", style="red", highlight=False)
    if not wrong:
        console.print("every accepted complaint is exactly one row, every mart is a recount, the ledger has no gap")
    return EXIT_DATA if wrong else EXIT_OK


def main() -> int:
    """Entry point."""
    parser = Parser(prog="python -m tests.chaos", description=__doc__, epilog="example: python -m tests.chaos --seed 7")
    parser.add_argument("--seed", type=int, help="which faults, in which order (drawn)")
    parser.add_argument("--seconds", type=float, default=600, help="how long faults are done (600)")
    parser.add_argument("--rate", type=float, default=40, help="complaints a second of each sender (40)")
    parser.set_defaults(run=_run)
    return run(parser)


if __name__ == "__main__":
    raise SystemExit(main())
