"""The demo from start to end: a stack of its own, all sent as outsiders send it, and a check of what came out."""

import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.console import Console

from demo import plan, summary
from demo.commands import CommandFailed, Commands
from demo.deliver import deliver
from demo.deliveries import Occasion
from demo.found import Found, arrived, look, problems
from demo.loads import Loads, rows_of
from demo.plan import Expected, Plan
from demo.progress import step
from demo.settle import settle
from demo.x_search import XServer
from deploy.local.processes import ROOT
from deploy.local.settings import Ports
from deploy.local.stack import Stack
from services.runtime.codec import Codec
from services.runtime.errors import PipelineError

HISTORY = ROOT.parent / "shared" / "data" / "complaints" / "comcast_fcc_complaints_2015.csv"
"""Real complaints about another operator: loaded as one more call-centre export where the file is there."""


@dataclass(frozen=True)
class Options:
    """How to run the demo."""

    folder: Path = ROOT / ".local" / "demo"
    """Data, logs and secrets of its stack; data of an earlier run are removed."""
    report: Path = ROOT / ".local" / "report.html"
    history: Path | None = HISTORY if HISTORY.exists() else None
    broken: str = ""
    """A service that is stopped on purpose before anything is sent."""
    patience: float = 30.0
    """Seconds without any progress after which what is missing counts as lost."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run."""

    expected: Expected
    found: Found | None
    """None when the warehouse could not be asked."""
    balance: str
    """The last line of the reconciliation."""
    problems: tuple[str, ...]
    """What is missing or wrong; empty when all is well."""


def run(options: Options, console: Console) -> Result:
    """Run the demo. Whatever happens, everything that was started is stopped."""
    shutil.rmtree(options.folder / "data", ignore_errors=True)
    ports = Ports.free()
    occasion = Occasion(
        now=time.time_ns() // 1_000_000,
        run=secrets.token_hex(4),
        sms_url=f"http://127.0.0.1:{ports.ingest_sms_port}",
        social_url=f"http://127.0.0.1:{ports.ingest_social_port}",
        twilio_token=secrets.token_hex(16),
        meta_secret=secrets.token_hex(16),
    )
    made = plan.make(occasion, Codec(), rows_of(options.history) if options.history else 0)
    with XServer(made.search) as x:
        stack = Stack(options.folder, ports=ports, env=_environment(options.folder, occasion, x.url))
        try:
            with step(console, "start Kafka, ClickHouse and the services"):
                stack.start()
            if options.broken:
                stack.halt(options.broken)
                console.print(f"  {options.broken} is stopped on purpose", highlight=False)
            return _Demonstration(options, console, stack, occasion, made).run()
        finally:
            with step(console, "stop what was started"):
                stack.stop()


def _environment(folder: Path, occasion: Occasion, x_url: str) -> dict[str, str]:
    """Settings of the services beyond the stack's own: secrets of the vendors, X's stand-in, what is loaded already."""
    kept = folder / "data" / "secrets"
    kept.mkdir(parents=True)
    files = {
        "SMS_TWILIO_TOKEN_FILE": occasion.twilio_token,
        "META_APP_SECRET_FILE": occasion.meta_secret,
        "X_BEARER_TOKEN_FILE": "demo",
    }
    for name, secret in files.items():
        (kept / name).write_text(secret, encoding="ascii")
    own = {
        **{name: str(kept / name) for name in files},
        "X_BASE_URL": x_url,
        "X_POLL_SECONDS": "5",
        "BATCH_MANIFEST_URL": f"sqlite:///{folder.absolute() / 'data' / 'manifest.db'}",
    }
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):  # a cluster that others use too
        own["TOPIC_PREFIX"] = f"demo-{occasion.run}."
    if os.environ.get("CLICKHOUSE_URL"):
        own["CLICKHOUSE_DATABASE"] = f"demo_{occasion.run}"
    return own


class _Demonstration:
    """One run on a stack that stands."""

    def __init__(self, options: Options, console: Console, stack: Stack, occasion: Occasion, made: Plan) -> None:
        self._options = options
        self._console = console
        self._stack = stack
        self._plan = made
        self._commands = Commands(stack.env)
        files = options.folder / "data" / "files"
        self._loads = Loads(self._commands, files, made.forms, occasion.now, options.history)

    def run(self) -> Result:
        """Send, wait, look, tell."""
        problems = self._send()
        found, missing = self._wait()
        balance, unbalanced = self._reconcile(patience=0 if missing else 30)
        problems = self._silent_parts() + problems + missing + unbalanced
        if found is not None:
            summary.show(self._console, self._plan.expected, found, balance)
        if not problems:
            self._commands.python("-m", "services.sink", "report", "--out", str(self._options.report.absolute()))
            self._console.print(f"report  {self._options.report}", highlight=False)
        for problem in problems:
            self._console.print(f"wrong   {problem}", style="red", highlight=False)
        return Result(self._plan.expected, found, balance, tuple(problems))

    def _send(self) -> list[str]:
        """Send everything; what went wrong. Files are loaded while messages come in."""
        settings = self._stack.kafka_settings()
        made, loads = self._plan, self._loads
        messages = len(made.first) + len(made.then)
        trouble: list[str] = []
        title = f"send {messages} messages, run {loads.count} batch loads"
        waves = (made.first, made.then)
        tasks = (lambda tick: deliver(waves, settings, tick), loads.exports, loads.tables)
        with step(self._console, title, messages + loads.count) as tell, ThreadPoolExecutor(3) as together:
            tick = _counted(tell)
            for work in [together.submit(task, tick) for task in tasks]:
                try:
                    work.result()
                except PipelineError as error:
                    trouble.append(str(error))
        return trouble

    def _wait(self) -> tuple[Found | None, list[str]]:
        """Wait until all has arrived or nothing moves; what is there, and what is missing or wrong."""
        expected = self._plan.expected
        # what a silent service holds back will not come, however long one waits
        patience = 5.0 if self._silent_parts() else self._options.patience
        try:
            with self._warehouse() as client:
                total = expected.events.total()
                with step(self._console, f"wait for {total} events in the warehouse", total) as tell:

                    def count() -> int:
                        events = arrived(client).total()
                        tell(events)
                        return events

                    settle(count, lambda events: events >= total, patience)
                with step(self._console, "look at what came out"):
                    found = settle(
                        lambda: look(client, self._plan.identifiers, self._plan.intended),
                        lambda state: not problems(expected, state),
                        patience / 2,
                    )
                return found, problems(expected, found)
        except (ClickHouseError, OSError) as error:
            return None, [f"the warehouse could not be asked: {type(error).__name__}"]

    def _warehouse(self) -> Client:
        return clickhouse_connect.get_client(
            dsn=self._stack.env["CLICKHOUSE_URL"],
            database={**os.environ, **self._stack.env}.get("CLICKHOUSE_DATABASE", "complaints"),
            autogenerate_session_id=False,
        )

    def _reconcile(self, patience: int) -> tuple[str, list[str]]:
        try:
            with step(self._console, "reconcile every layer"):
                said = self._commands.python("-m", "services.sink", "reconcile", "--wait", str(patience))
            return (said.splitlines() or [""])[-1], []
        except CommandFailed as error:
            return "does not balance", [str(error)]

    def _silent_parts(self) -> list[str]:
        return [
            f"{daemon.name} does not answer; its log is {daemon.log}"
            for daemon in self._stack.daemons()
            if not daemon.answers()
        ]


def _counted(tell: Callable[[int], None]) -> Callable[[], None]:
    """A function that counts its calls, from any thread."""
    lock = threading.Lock()
    count = 0

    def tick() -> None:
        nonlocal count
        with lock:
            count += 1
            tell(count)

    return tick
