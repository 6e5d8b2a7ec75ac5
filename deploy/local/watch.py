"""Starts again what died, after a pause that grows while it keeps dying."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.processes import Daemon, StackError, tail

INTERVAL = 0.2
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_AFTER = 30.0
"""A process that ran this long is forgiven its earlier deaths."""


@dataclass(slots=True)
class _Watched:
    daemon: Daemon
    launched: float
    pause: float = FIRST_PAUSE
    due: float | None = None
    """When it is to be started again; None while it runs."""
    restarts: int = 0


class Watch:
    """A thread that looks at all daemons a few times a second."""

    def __init__(self, enabled: bool, log: Path) -> None:
        self._enabled = enabled
        self._log = _logger(log)
        self._lock = threading.Lock()
        self._watched: dict[str, _Watched] = {}
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, daemon: Daemon, now: float | None = None) -> None:
        """Watch a daemon that was launched."""
        launched = time.monotonic() if now is None else now
        with self._lock:
            earlier = self._watched.get(daemon.name)
            self._watched[daemon.name] = _Watched(daemon, launched, restarts=earlier.restarts if earlier else 0)
        if self._enabled and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
            self._thread.start()

    def leave(self, daemon: Daemon) -> None:
        """Let a daemon end."""
        with self._lock:
            self._watched.pop(daemon.name, None)

    def end(self) -> None:
        """Watch no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def restarts(self, name: str) -> int:
        """How often the daemon was started again."""
        watched = self._watched.get(name)
        return watched.restarts if watched else 0

    def wait(self, daemon: Daemon, timeout: float) -> None:
        """Wait until a daemon answers, over its deaths if those are mended here; StackError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not daemon.answers():
            mended = self._enabled and daemon.name in self._watched
            if daemon.pid is None and not mended:
                raise StackError(f"{daemon.name} does not run (exit code {daemon.exit_code}): {tail(daemon.log)}")
            if time.monotonic() > deadline:
                raise StackError(f"{daemon.name} was not ready after {timeout:.0f} s: {tail(daemon.log)}")
            time.sleep(0.05)

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL):
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """Start again what is due at a moment of the monotonic clock."""
        with self._lock:
            for watched in self._watched.values():
                self._look(watched, now)

    def _look(self, watched: _Watched, now: float) -> None:
        daemon = watched.daemon
        if daemon.pid is not None:
            watched.due = None
            return
        if watched.due is None:
            if now - watched.launched > STEADY_AFTER:
                watched.pause = FIRST_PAUSE
            watched.due = now + watched.pause
            self._log.warning("%s ended with %s; again in %.1f s", daemon.name, daemon.exit_code, watched.pause)
            watched.pause = min(watched.pause * 2, LONGEST_PAUSE)
        elif now >= watched.due:
            watched.due, watched.launched = None, now
            watched.restarts += 1
            try:
                daemon.launch()
                self._log.warning("%s started again, pid %s", daemon.name, daemon.pid)
            except (StackError, OSError) as error:
                self._log.error("%s could not be started: %s", daemon.name, error)


def _logger(path: Path) -> logging.Logger:
    path.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.Logger(f"supervisor:{path}")
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    return logger
