"""Tells how far the demo is: moving bars on a terminal, one line a step elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def step(console: Console, name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """One step of the work. Yields a function that is told how much is done so far; a line says how long it took."""
    started = time.monotonic()
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(name, total=total)
        yield lambda done: bars.update(task, completed=done)
    console.print(f"  {name:<58}{time.monotonic() - started:6.1f} s", highlight=False)
