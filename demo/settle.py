"""Waits until the warehouse has settled: all has arrived, or nothing moves any more."""

import time
from collections.abc import Callable
from typing import TypeVar

StateT = TypeVar("StateT")

PAUSE_SECONDS = 0.5


def settle(
    look: Callable[[], StateT],
    done: Callable[[StateT], bool],
    patience: float,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> StateT:
    """The first state with which one is done; else the state that has not changed for `patience` seconds.

    >>> states = iter([1, 2, 3])
    >>> settle(lambda: next(states), lambda state: state == 3, patience=1.0, pause=lambda _: None)
    3
    """
    state = look()
    moved = clock()
    while not done(state):
        if clock() - moved > patience:
            return state
        pause(PAUSE_SECONDS)
        newer = look()
        if newer != state:
            moved = clock()
        state = newer
    return state
