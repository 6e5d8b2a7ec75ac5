"""One run a source at a time: a run holds the source in the manifest, and a dead run's hold is seen through."""

import os
import socket
import threading
import time
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa

from services.batch_loader.manifest.store import Manifest
from services.batch_loader.manifest.tables import SOURCES
from services.runtime.errors import PipelineError

HELD_MS = 120_000
RENEW_SECONDS = 30.0


class SourceBusy(PipelineError):
    """Another run has the source to itself."""


class Lease:
    """Holds a source while it is entered; a thread renews the hold. Raises SourceBusy."""

    def __init__(self, manifest: Manifest, source_id: int, name: str) -> None:
        self._manifest = manifest
        self._source_id = source_id
        self._name = name
        self._me = holder(os.getpid())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> "Lease":
        with self._manifest.engine.begin() as connection:
            query = sa.select(SOURCES.c.holder, SOURCES.c.held_until).where(SOURCES.c.id == self._source_id)
            other, until = connection.execute(query.with_for_update()).one()
            if other and until > _now() and not dead(other):
                raise SourceBusy(f"{self._name}: another run is loading it; wait for its end")
            free = sa.or_(SOURCES.c.holder.is_(None), SOURCES.c.holder == other)
            taken = connection.execute(
                SOURCES.update()
                .where(SOURCES.c.id == self._source_id, free)
                .values(holder=self._me, held_until=_now() + HELD_MS)
            )
            if taken.rowcount != 1:
                raise SourceBusy(f"{self._name}: another run is loading it; wait for its end")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._set(None, None)

    def _renew(self) -> None:
        while not self._stop.wait(RENEW_SECONDS):
            self._set(self._me, _now() + HELD_MS)

    def _set(self, who: str | None, until: int | None) -> None:
        mine = sa.and_(SOURCES.c.id == self._source_id, SOURCES.c.holder == self._me)
        with self._manifest.engine.begin() as connection:
            connection.execute(SOURCES.update().where(mine).values(holder=who, held_until=until))


def holder(pid: int) -> str:
    """Names a process: host, number, and when it began, since numbers are used again."""
    return f"{socket.gethostname()[:60]} {pid} {_began(pid)}"


def dead(who: str) -> bool:
    """Whether a holder was a process of this host that is no more. Of other hosts only their time-out tells."""
    host, _, rest = who.partition(" ")
    pid = rest.partition(" ")[0]
    return host == socket.gethostname()[:60] and pid.isdigit() and holder(int(pid)) != who


def _began(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return "gone"
        except PermissionError:
            pass
        return "unknown"


def _now() -> int:
    return time.time_ns() // 1_000_000
