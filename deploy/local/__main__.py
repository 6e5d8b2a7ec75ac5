"""python -m deploy.local: the local stack in the background."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict

from deploy.local import status as status_of
from deploy.local.processes import ROOT, StackError
from deploy.local.settings import StackSettings
from deploy.local.stack import PARTS
from deploy.local.supervisor import Files, State
from deploy.local.tansu import fetch
from services.runtime import cli
from services.runtime.settings import load

START_TIMEOUT = 300.0
STOP_TIMEOUT = 90.0
_EXAMPLE = """examples:
  python -m deploy.local up
  python -m deploy.local up --only kafka,clickhouse
  python -m deploy.local status --json"""


def up(args: argparse.Namespace) -> int:
    """Start what does not run yet; return when all of it is ready."""
    settings = load(StackSettings)
    files = Files(settings.stack_root)
    if "kafka" in args.only and not settings.kafka_bootstrap_servers:
        fetch(settings.stack_root / "kafka")  # here, where the user sees what takes its time
    state = files.state() if files.alive() else State()
    running = {part["name"] for part in state.parts}
    request = files.want([part for part in PARTS if part in args.only or part in running])
    if state.pid:
        os.kill(state.pid, signal.SIGHUP)
        process = None
    else:
        files.write_state(State())
        process = _spawn_supervisor(settings)
    _await_ready(files, process, request)
    print(status_of.table(status_of.parts(files.state())))
    return cli.EXIT_OK


def _spawn_supervisor(settings: StackSettings) -> subprocess.Popen[bytes]:
    """Start the supervisor so that it outlives this command and its terminal."""
    log = settings.stack_root / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "deploy.local.supervisor"]
    with log.open("ab") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT, start_new_session=True
        )


def _await_ready(files: Files, process: subprocess.Popen[bytes] | None, request: str) -> None:
    """Print each part as it starts; StackError when the supervisor gives up."""
    deadline = time.monotonic() + START_TIMEOUT
    shown: set[str] = set()
    while time.monotonic() < deadline:
        ended = process is not None and process.poll() is not None
        state = files.state()
        started = [f"starting {part['name']} (log: {part['log']})" for part in state.parts]
        for line in [*state.notes, *started]:
            if line not in shown:
                shown.add(line)
                print(line, flush=True)
        if state.request == request and state.phase == "failed":
            raise StackError(state.error)
        if state.request == request and state.phase == "ready":
            return
        if ended or (process is None and not files.alive()):
            raise StackError("the supervisor ended while starting; see logs/supervisor.log")
        time.sleep(0.1)
    raise StackError(f"the stack was not ready after {START_TIMEOUT:.0f} s; see its logs")


def down(_: argparse.Namespace) -> int:
    """Stop everything gracefully; data stay."""
    files = Files(load(StackSettings).stack_root)
    if not files.alive():
        print("the stack does not run")
        return cli.EXIT_OK
    pid = files.state().pid
    if pid:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT
    while files.alive():
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)  # its children die with it
        time.sleep(0.1)
    files.write_state(State())
    print("the stack has stopped; its data stay")
    return cli.EXIT_OK


def status(args: argparse.Namespace) -> int:
    """Show how the stack stands; exit code 1 when it does not run or something is not ready."""
    files = Files(load(StackSettings).stack_root)
    if not files.alive():
        print("[]" if args.json else "the stack does not run: make up starts it")
        return cli.EXIT_DATA
    lines = status_of.parts(files.state())
    print(json.dumps([asdict(line) for line in lines], indent=2) if args.json else status_of.table(lines))
    return cli.EXIT_OK if all(line.state == "ready" for line in lines) else cli.EXIT_DATA


def _parts(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := sorted(set(names) - set(PARTS)):
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return names


def parser() -> cli.Parser:
    """The command line."""
    top = cli.Parser(prog="python -m deploy.local", description="The local stack in the background.", epilog=_EXAMPLE)
    commands = top.add_subparsers(dest="command", metavar="up | down | status", required=True)
    command = commands.add_parser("up", help="start the stack; returns when all is ready", epilog=_EXAMPLE)
    command.add_argument("--only", type=_parts, default=list(PARTS), metavar="PART,...", help="start these parts only")
    command.set_defaults(run=up)
    commands.add_parser("down", help="stop the stack; its data stay").set_defaults(run=down)
    command = commands.add_parser("status", help="where each part listens, whether it is ready, what it processed")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=status)
    return top


def main() -> int:
    """Entry point."""
    return cli.run(parser())


if __name__ == "__main__":
    sys.exit(main())
