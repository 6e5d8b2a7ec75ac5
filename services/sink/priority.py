"""Realtime first: the batch lane lands while realtime has nothing to do, or while it has had less than its share."""

import threading
import time
from collections.abc import Callable


class Priority:
    """Shared by the landers of both lanes; each calls its own method before a round.

    >>> now = iter(range(100)).__next__
    >>> lanes = Priority(share=0.25, clock=now)
    >>> lanes.realtime(behind=False), lanes.batch(behind=True)
    (True, True)
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._realtime_behind = False
        self._since = clock()
        self._used = 0.0
        self._started: float | None = None

    def realtime(self, behind: bool) -> bool:
        """The realtime lane may always go; it says whether it has records to land."""
        with self._lock:
            if behind != self._realtime_behind:
                self._realtime_behind = behind
                self._since, self._used = self._clock(), 0.0
        return True

    def batch(self, behind: bool) -> bool:
        """Whether the batch lane may land a range now. Time from a yes to the next call counts as used."""
        with self._lock:
            now = self._clock()
            if self._started is not None:
                self._used += now - self._started
                self._started = None
            waits = self._realtime_behind and self._used > self._share * (now - self._since)
            if behind and not waits:
                self._started = now
            return not waits
