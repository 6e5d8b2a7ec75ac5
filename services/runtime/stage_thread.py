"""Runs a stage in a thread beside an event loop: an HTTP application, or a Faust worker."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Final

from services.runtime.stage import Stage

STOP_SECONDS: Final = 25.0
_log = logging.getLogger(__name__)


class StageThread:
    """One stage in one thread. Make it in the event loop's thread.

    When the stage ends by itself, `failure` says why and `ended` is called in the event loop.
    """

    def __init__(self, build: Callable[[], Stage], ended: Callable[[], object], name: str = "stage") -> None:
        self._build = build
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Build the stage and run it, both in the thread."""
        self._thread.start()

    async def stop(self) -> None:
        """Finish or abort the batch, commit, leave the group; returns when the thread has ended."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join, STOP_SECONDS)

    def _run(self) -> None:
        try:
            self._build().run(self._stop)
            if not self._stop.is_set():
                self.failure = RuntimeError("the stage ended without being asked to")
        except BaseException as error:
            self.failure = error
            _log.exception("the stage failed")
        finally:
            if not self._stop.is_set():
                with contextlib.suppress(RuntimeError):  # the loop is gone already
                    self._loop.call_soon_threadsafe(self._ended)
