"""How far a run is: a bar on a terminal, a line every few seconds elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

LINE_EVERY_SECONDS = 10.0


class RunProgress:
    """Progress of one run over some bytes. Use it as a context manager."""

    def __init__(self, console: Console, total_bytes: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._total = total_bytes
        self._clock = clock
        self._last = self._began = clock()
        self._bytes = 0
        self._rows = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, TextColumn("{task.fields[rows]:,} rows"), console=console, transient=True)

    def __enter__(self) -> "RunProgress":
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("loading", total=self._total, rows=0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, name: str) -> None:
        """A file's turn comes."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=name)

    def advance(self, rows: int, at_bytes: int) -> None:
        """Some rows are through; the run has read this many bytes in all."""
        self._rows += rows
        self._bytes = at_bytes
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=at_bytes, rows=self._rows)
            return
        now = self._clock()
        if now - self._last >= LINE_EVERY_SECONDS:
            self._last = now
            share = f" of {self._total:,}" if self._total else ""
            rate = self._rows / max(now - self._began, 1e-9)
            line = f"{self._rows:,} rows, {self._bytes:,}{share} bytes, {rate:,.0f} rows/s"
            self._console.print(line, markup=False, highlight=False)
