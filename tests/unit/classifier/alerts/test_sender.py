"""Sending until the receiver has it."""

from collections.abc import Callable

import httpx
import pytest

from services.classifier.alerts.alert import Alert, of_incident
from services.classifier.alerts.sender import LONGEST_WAIT_SECONDS, RateLimit, Sender
from tests.unit.classifier.alerts.records import incident

Answer = Callable[[httpx.Request], httpx.Response]


class World:
    """A clock that goes on when somebody waits, and a receiver."""

    def __init__(self, answer: Answer, patience: int = 1_000, per_minute: float = 6_000) -> None:
        self.now = 1_000_000.0
        self.waits: list[float] = []
        self.requests: list[httpx.Request] = []
        self._answer = answer
        self._patience = patience
        client = httpx.Client(transport=httpx.MockTransport(self._receive))
        limit = RateLimit(per_minute, burst=5)
        self.sender = Sender(
            client, "http://receiver/hook", "generic", limit, self._pause, clock=lambda: self.now, jitter=lambda: 1.0
        )

    def _receive(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)

    def _pause(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return len(self.waits) < self._patience


def _alerts(number: int) -> list[Alert]:
    return [of_incident(incident(incident_id=f"inc-{n}")) for n in range(number)]


def _in_turn(*statuses: int, **headers: str) -> Answer:
    left = list(statuses)
    return lambda _: httpx.Response(left.pop(0) if len(left) > 1 else left[0], headers=headers)


def test_what_is_taken_is_sent_once() -> None:
    world = World(_in_turn(204))
    assert world.sender.send(_alerts(3)) == []
    assert len(world.requests) == 1
    assert world.waits == []


def test_nothing_to_tell_sends_nothing() -> None:
    world = World(_in_turn(500))
    assert world.sender.send([]) == []
    assert world.requests == []


@pytest.mark.parametrize("status", [500, 503, 429, 408, 401, 404, 302])
def test_a_receiver_in_trouble_is_asked_again_with_the_same_key(status: int) -> None:
    world = World(_in_turn(status, status, 200))
    assert world.sender.send(_alerts(1)) == []
    assert len(world.requests) == 3
    assert len({request.headers["Idempotency-Key"] for request in world.requests}) == 1
    assert len({request.content for request in world.requests}) == 1


def test_the_wait_doubles_up_to_a_minute() -> None:
    world = World(_in_turn(503), patience=10)
    assert world.sender.send(_alerts(1)) is None
    assert world.waits[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert max(world.waits) == LONGEST_WAIT_SECONDS


def test_a_receiver_that_names_a_time_is_given_it() -> None:
    world = World(_in_turn(429, 200, **{"Retry-After": "17"}))
    world.sender.send(_alerts(1))
    assert world.waits == [17.0]


def test_a_connection_that_fails_is_tried_again() -> None:
    fails = [True, True, False]

    def answer(request: httpx.Request) -> httpx.Response:
        if fails.pop(0):
            raise httpx.ConnectError("no route", request=request)
        return httpx.Response(200)

    world = World(answer)
    assert world.sender.send(_alerts(1)) == []
    assert len(world.requests) == 3


def test_a_refused_batch_is_sent_one_by_one_and_only_the_bad_one_comes_back() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400 if b"inc-1" in request.content else 200)

    world = World(answer)
    refused = world.sender.send(_alerts(3))
    assert refused is not None
    assert [alert.about for alert in refused] == ["inc-1"]


def test_no_more_requests_than_allowed_are_sent() -> None:
    world = World(_in_turn(200), per_minute=60)
    for alert in _alerts(20):
        world.sender.send([alert])
    assert len(world.requests) == 20
    assert sum(world.waits) == pytest.approx(15, abs=0.1)  # the first five are free, then one a second
