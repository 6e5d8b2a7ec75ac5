"""Liveness means progress: a fetcher that died while records pile up is seen; idleness and a broker away are not."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from services.runtime.settings import ServiceSettings
from services.runtime.stage import observation
from services.runtime.stage.lanes import Lanes
from services.runtime.stage.observation import LOOK_EVERY_SECONDS, Observer
from services.runtime.stage.records import Record, StageSpec

SPEC = StageSpec("bench", "bench", {"realtime": ("bronze.realtime",)})
PLACE = ("bronze.realtime", 0)


class Broker:
    """Stands for the admin client and the consumer: the fault under test is theirs."""

    def __init__(self) -> None:
        self.end = 0
        self.position_at = 0
        self.away = False

    def list_offsets(self, asked: dict[Any, Any], **_: Any) -> dict[Any, Future[Any]]:
        if self.away:
            raise KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))
        answers = {}
        for place in asked:
            answers[place] = Future()
            answers[place].set_result(SimpleNamespace(offset=self.end))
        return answers

    def position(self, places: list[Any]) -> list[Any]:
        return [SimpleNamespace(topic=p.topic, partition=p.partition, offset=self.position_at) for p in places]

    def get_watermark_offsets(self, *_: Any, **__: Any) -> tuple[int, int]:
        return 0, self.end


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> tuple[Observer, Broker, Clock, Lanes]:
    broker, clock = Broker(), Clock()
    monkeypatch.setattr(observation.kafka, "admin", lambda _: broker)
    monkeypatch.setattr(observation, "time", clock)
    lanes = Lanes(SPEC.lanes, 0.05, 100)
    lanes.assign([PLACE])
    return Observer(ServiceSettings(), SPEC, broker), broker, clock, lanes  # type: ignore[arg-type]


def _looks(rig: tuple[Observer, Broker, Clock, Lanes], ends: list[int]) -> list[bool]:
    observer, broker, clock, lanes = rig
    seen = []
    for end in ends:
        broker.end = end
        clock.now += LOOK_EVERY_SECONDS + 1
        seen.append(observer.healthy({PLACE: broker.position_at}, lanes))
    return seen


def test_an_idle_stage_is_healthy(rig: tuple[Observer, Broker, Clock, Lanes]) -> None:
    assert _looks(rig, [0, 0, 0]) == [True] * 3


def test_a_control_record_behind_the_position_is_no_lag(rig: tuple[Observer, Broker, Clock, Lanes]) -> None:
    assert _looks(rig, [1, 1, 1, 1]) == [True] * 4


def test_an_end_that_moves_while_nothing_arrives_is_a_stuck_stage(rig: tuple[Observer, Broker, Clock, Lanes]) -> None:
    assert _looks(rig, [0, 5, 9]) == [True, True, False]


def test_it_recovers_when_records_arrive(rig: tuple[Observer, Broker, Clock, Lanes]) -> None:
    assert _looks(rig, [5, 9])[-1] is False
    rig[0].received()
    assert rig[0].healthy({PLACE: 9}, rig[3])


def test_a_broker_that_is_away_is_no_fault_of_the_stage(rig: tuple[Observer, Broker, Clock, Lanes]) -> None:
    rig[1].away = True
    assert _looks(rig, [5, 9, 20]) == [True] * 3


def test_records_in_the_buffer_are_work_in_progress(rig: tuple[Observer, Broker, Clock, Lanes]) -> None:
    rig[3].add(Record(*PLACE, 0, 0, None, b"", None))
    assert _looks(rig, [5, 9]) == [True, True]
