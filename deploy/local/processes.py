"""Child processes that end with their parent, and the ports they listen on."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from services.runtime.errors import PipelineError

LOOPBACK = "127.0.0.1"
ROOT = Path(__file__).parents[2]
"""The checkout: modules are found from here."""
_SERVER_PORTS = range(15_000, 32_000)
_random = random.SystemRandom()  # processes that start together must not choose alike
_TETHER = Path(__file__).with_name("tether.py")
_lock = threading.Lock()
_spawner: tuple[int, ThreadPoolExecutor] | None = None


class StackError(PipelineError):
    """A part of the local stack cannot be installed, started or stopped."""


def spawn(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a command whose output goes to the end of `log`; it is killed when this process ends.

    The kernel watches the thread that forks, not the process: one thread, as long-lived as the process, forks all.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    tethered = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *command]

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                tethered, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=ROOT, start_new_session=True
            )

    return _spawn_thread().submit(start).result()


def _spawn_thread() -> ThreadPoolExecutor:
    global _spawner
    with _lock:
        if _spawner is None or _spawner[0] != os.getpid():
            _spawner = (os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="spawn"))
        return _spawner[1]


class Daemon(ABC):
    """A process of the stack: launched, asked whether it answers, stopped, killed, launched again."""

    start_timeout = 60.0
    stop_timeout = 20.0

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def launch(self) -> None:
        """Start the process without waiting for it; StackError when it cannot be started."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can do its work now."""

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it was launched."""
        return self._process.poll() if self._process else None

    def start(self) -> Self:
        """Start it and return when it answers; StackError with the reason when it does not."""
        if self.pid is None:
            self.launch()
        self.wait_ready()
        return self

    def wait_ready(self, timeout: float | None = None) -> None:
        """Wait until it answers; StackError when the process ends or the time is over."""
        limit = self.start_timeout if timeout is None else timeout
        deadline = time.monotonic() + limit
        while not self.answers():
            if self.pid is None:
                code = "never launched" if self.exit_code is None else f"exit code {self.exit_code}"
                raise StackError(f"{self.name} ended while starting ({code}): {tail(self.log)}")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} was not ready after {limit:.0f} s; its log is {self.log}")
            time.sleep(0.03)

    def stop(self) -> None:
        """Ask it to end (SIGTERM), kill it when it does not."""
        self.terminate()
        self.join()

    def terminate(self) -> None:
        """Ask it to end, without waiting."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)

    def join(self) -> None:
        """Wait for its end; kill it when that takes too long."""
        if self._process is not None:
            try:
                self._process.wait(self.stop_timeout)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def signal(self, number: int) -> None:
        """Send a signal, e.g. SIGSTOP and SIGCONT to play a process that hangs; nothing when it does not run."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def free_port() -> int:
    """A port of the loopback address on which nobody listens now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Different ports of the loopback address on which nobody listens now.

    They lie below the range from which the kernel gives ports to outgoing connections: one of those could take a port
    between this call and the bind.
    """
    found: list[int] = []
    while len(found) < count:
        port = _random.choice(_SERVER_PORTS)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind((LOOPBACK, port))
            if port not in found:
                found.append(port)
    return found


def require_free(port: int, what: str, setting: str) -> None:
    """StackError, naming the setting that moves it, when somebody listens on the port already."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((LOOPBACK, port))
        except OSError as error:
            raise StackError(f"port {port} for {what} is in use: stop what listens there or set {setting}") from error


def await_all(daemons: Sequence[Daemon], on_ready: Callable[[str], None]) -> None:
    """Wait until all answer, in the order in which they come."""
    waiting = list(daemons)
    started = time.monotonic()
    while waiting:
        for daemon in [daemon for daemon in waiting if daemon.answers()]:
            waiting.remove(daemon)
            on_ready(daemon.name)
        for daemon in waiting:
            if daemon.pid is None:
                raise StackError(
                    f"{daemon.name} ended while starting (exit code {daemon.exit_code}): {tail(daemon.log)}"
                )
            if time.monotonic() - started > daemon.start_timeout:
                raise StackError(
                    f"{daemon.name} was not ready after {daemon.start_timeout:.0f} s; its log is {daemon.log}"
                )
        time.sleep(0.03)


def tail(log: Path, size: int = 600) -> str:
    """The last words of a log on one line, and where to read the rest."""
    if not log.exists():
        return f"no log at {log}"
    text = log.read_text(encoding="utf-8", errors="replace").strip()[-size:]
    return " | ".join(text.splitlines()[-4:]) + f" (log: {log})"
