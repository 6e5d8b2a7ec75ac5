"""Waiting for the warehouse."""

from collections.abc import Iterator

import pytest

from demo.settle import settle


class Clock:
    """Time that passes only while one waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_ends_as_soon_as_all_is_there(clock: Clock) -> None:
    states = iter([0, 5, 10])
    assert settle(lambda: next(states), lambda state: state == 10, 60.0, clock, clock.wait) == 10
    assert clock.now < 2.0


def test_it_gives_up_when_nothing_has_moved_for_too_long(clock: Clock) -> None:
    def states() -> Iterator[int]:
        yield from range(50)
        while True:
            yield 50

    moving = states()
    assert settle(lambda: next(moving), lambda state: state == 60, 3.0, clock, clock.wait) == 50
    assert 50 * 0.5 < clock.now < 50 * 0.5 + 5.0  # movement renews the patience
