"""Child processes that end with their parent, and the ports they listen on."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.runtime.errors import PipelineError

LOOPBACK = "127.0.0.1"
_TETHER = Path(__file__).with_name("tether.py")
_lock = threading.Lock()
_spawner: tuple[int, ThreadPoolExecutor] | None = None


class StackError(PipelineError):
    """A part of the local stack cannot be installed, started or stopped."""


def spawn(
    command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a command whose output goes to the end of `log`; it is killed when this process ends.

    The kernel watches the thread that forks, not the process: one thread, as long-lived as the process, forks all.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    tethered = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *command]

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                tethered, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=cwd, start_new_session=True
            )

    return _spawn_thread().submit(start).result()


def _spawn_thread() -> ThreadPoolExecutor:
    global _spawner
    with _lock:
        if _spawner is None or _spawner[0] != os.getpid():
            _spawner = (os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="spawn"))
        return _spawner[1]


def stop(process: subprocess.Popen[bytes], grace: float) -> int:
    """Ask a process to end (SIGTERM), kill it after `grace` seconds; its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def free_port() -> int:
    """A port of the loopback address on which nobody listens now."""
    with socket.socket() as sock:
        sock.bind((LOOPBACK, 0))
        return int(sock.getsockname()[1])


def require_free(port: int, what: str, setting: str) -> None:
    """StackError, naming the setting that moves it, when somebody listens on the port already."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((LOOPBACK, port))
        except OSError as error:
            raise StackError(f"port {port} for {what} is in use: stop what listens there or set {setting}") from error


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], what: str, log: Path, timeout: float
) -> None:
    """Wait until `ready()`; StackError with the end of the log when the process ends or the time is over."""
    deadline = time.monotonic() + timeout
    while not ready():
        code = process.poll()
        if code is not None:
            raise StackError(f"{what} ended with exit code {code} while starting: {tail(log)}")
        if time.monotonic() > deadline:
            raise StackError(f"{what} was not ready after {timeout:.0f} s; its log is {log}")
        time.sleep(0.03)


def tail(log: Path, size: int = 600) -> str:
    """The last words of a log on one line, and where to read the rest."""
    if not log.exists():
        return f"no log at {log}"
    text = log.read_text(encoding="utf-8", errors="replace").strip()[-size:]
    return " | ".join(text.splitlines()[-4:]) + f" (log: {log})"
