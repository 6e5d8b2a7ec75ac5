"""The supervisor: a background process that holds the stack of `make up` and tells the others how it stands.

Its state lies in <root>/run: `lock` is held while it lives, `state.json` says what runs, `wanted.json` what should.
"""

import contextlib
import fcntl
import json
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from deploy.local.processes import StackError
from deploy.local.services import ServiceProcess
from deploy.local.settings import StackSettings
from deploy.local.stack import PARTS, Stack
from services.runtime.errors import PipelineError
from services.runtime.settings import load

EVERY = 1.0


@dataclass(slots=True)
class State:
    """What the supervisor last wrote."""

    pid: int = 0
    phase: str = "starting"
    """starting, ready, failed or stopping"""
    error: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)
    """name, pid, log, restarts, and where it answers."""
    env: dict[str, str] = field(default_factory=dict)
    """Settings that reach this stack, for clients."""
    request: str = ""
    """The request of wanted.json that `phase` is about."""
    given: list[str] = field(default_factory=list)
    """Servers that the stack was given instead of starting its own."""
    notes: list[str] = field(default_factory=list)
    """What the user should know, e.g. which broker stands in for Kafka."""


class Files:
    """The files in <root>/run by which supervisor and commands know of each other."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "run"

    def lock(self) -> IO[str] | None:
        """Take the supervisor's lock; None when a supervisor lives."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / "lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return file

    def alive(self) -> bool:
        """Whether a supervisor lives."""
        if (held := self.lock()) is None:
            return True
        held.close()
        return False

    def state(self) -> State:
        """What the supervisor last wrote; an empty state when it never did."""
        try:
            return State(**json.loads((self._folder / "state.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return State()

    def write_state(self, state: State) -> None:
        """Replace the state."""
        self._replace("state.json", asdict(state))

    def wanted(self) -> tuple[list[str], str]:
        """The parts that should run, and the request that said so."""
        try:
            wanted = json.loads((self._folder / "wanted.json").read_text(encoding="utf-8"))
            return list(wanted["parts"]), str(wanted["request"])
        except (OSError, ValueError, KeyError):
            return list(PARTS), ""

    def want(self, parts: Sequence[str]) -> str:
        """Say which parts should run; an id by which the supervisor's state refers to it."""
        request = uuid.uuid4().hex
        self._replace("wanted.json", {"parts": list(parts), "request": request})
        return request

    def _replace(self, name: str, content: object) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{name}.{os.getpid()}"
        fresh.write_text(json.dumps(content), encoding="utf-8")
        fresh.replace(self._folder / name)


class Supervisor:
    """Holds one stack until SIGTERM; SIGHUP makes it start what wanted.json has more."""

    def __init__(self, settings: StackSettings) -> None:
        self._files = Files(settings.stack_root)
        self._stack = Stack(settings.stack_root, parts=[], settings=settings, say=self._told)
        self._notes: list[str] = []
        self._request = ""
        self._wake = threading.Event()
        self._ending = False
        self._phase = "starting"

    def run(self) -> int:
        """Until SIGTERM or SIGINT; exit code 1 when the stack could not be started."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        try:
            while not self._ending:
                self._phase = "starting"
                wanted, self._request = self._files.wanted()
                self._note()
                self._stack.ensure(wanted)
                self._phase = "ready"
                self._rest()
            self._phase = "stopping"
            self._note()
        except PipelineError as error:
            if not self._ending:
                self._phase = "failed"
                self._note(error=str(error))
                return 1
        finally:
            with contextlib.suppress(StackError):
                self._stack.stop()
        return 0

    def _rest(self) -> None:
        """Write the state every second until a signal comes."""
        self._wake.clear()
        while not self._ending:
            self._note()
            if self._wake.wait(EVERY):
                return

    def _signalled(self, number: int, _: object) -> None:
        self._wake.set()
        if number != signal.SIGHUP:
            self._ending = True
            if self._phase == "starting":  # nothing waits for the event: leave whatever is waited for
                raise StackError("stopped while starting")

    def _told(self, text: str) -> None:
        """A part is ready, or something is worth knowing."""
        if text not in PARTS:
            self._notes.append(text)
        self._note()

    def _note(self, error: str = "") -> None:
        parts = [
            {
                "name": daemon.name,
                "pid": daemon.pid,
                "log": str(daemon.log),
                "restarts": self._stack.restarts(daemon.name),
                "url": daemon.url if isinstance(daemon, ServiceProcess) else "",
            }
            for daemon in self._stack.daemons()
        ]
        self._files.write_state(
            State(os.getpid(), self._phase, error, parts, self._stack.env, self._request, self._stack.given)
        )


def main() -> int:
    """Entry point of the background process."""
    settings = load(StackSettings)
    files = Files(settings.stack_root)
    held = files.lock()
    if held is None:
        time.sleep(EVERY)  # somebody may only have looked whether a supervisor lives
        held = files.lock()
    if held is None:
        return 0
    with held:
        try:
            return Supervisor(settings).run()
        except PipelineError as error:
            files.write_state(State(os.getpid(), "failed", str(error), request=files.wanted()[1]))
            return 1


if __name__ == "__main__":
    sys.exit(main())
