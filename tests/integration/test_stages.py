"""One behaviour suite over every stage: nothing lost, nothing twice, and the ledger proves it."""

from collections import Counter

import pytest

from services.runtime.errors import FatalStageError
from services.runtime.settings import KafkaSettings
from services.runtime.stage.transaction import Transactions
from tests.integration.cases import CASES
from tests.integration.stages import (
    CODEC,
    Case,
    assert_ledger_proves,
    committed,
    prepare,
    produce,
    running,
    settings_for,
    wait_for,
)

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES]),
]


def _ids(case: Case, messages: list) -> Counter[str]:  # type: ignore[type-arg]
    return Counter(CODEC.decode(case.record, message.value())["event_id"] for message in messages)


def _input_topic(case: Case, lane: str) -> str:
    return case.spec.lanes[lane][0]


def test_every_input_of_every_lane_becomes_one_output(case: Case, kafka_settings: KafkaSettings) -> None:
    settings = settings_for(kafka_settings)
    prepare(settings)
    for lane in case.spec.lanes:
        produce(settings, _input_topic(case, lane), case.inputs(150, lane, 1))
    with running(settings, case.spec, case.build()) as run:
        for lane in case.spec.lanes:
            assert set(_ids(case, wait_for(settings, case.outputs[lane], 150, run)).values()) == {1}
    assert_ledger_proves(settings, case.spec, 150 * len(case.spec.lanes))


def test_a_second_delivery_after_a_restart_changes_nothing_twice(case: Case, kafka_settings: KafkaSettings) -> None:
    settings = settings_for(kafka_settings)
    prepare(settings)
    topic, output = _input_topic(case, "realtime"), case.outputs["realtime"]
    first, second = case.inputs(80, "realtime", 2), case.inputs(80, "realtime", 3)
    produce(settings, topic, first)
    with running(settings, case.spec, case.build()) as run:
        wait_for(settings, output, 80, run)
    produce(settings, topic, second)
    with running(settings, case.spec, case.build()) as run:
        assert len(_ids(case, wait_for(settings, output, 160, run))) == 160
    assert len(committed(settings, output)[output]) == 160
    assert_ledger_proves(settings, case.spec, 160)


@pytest.mark.parametrize("bad", [b"rubbish", b"\0\0\0\xff\xffxx", None], ids=["malformed", "unknown schema", "null"])
def test_a_bad_record_is_a_dead_letter_with_its_bytes(
    case: Case, kafka_settings: KafkaSettings, bad: bytes | None
) -> None:
    settings = settings_for(kafka_settings)
    prepare(settings)
    good = case.inputs(20, "realtime", 4)
    produce(settings, _input_topic(case, "realtime"), [*good[:10], (b"abcd", bad), *good[10:]])
    with running(settings, case.spec, case.build()) as run:
        wait_for(settings, case.outputs["realtime"], 20, run)
        [message] = wait_for(settings, "dead-letters", 1, run)
    letter = CODEC.decode("DeadLetter", message.value())
    assert (letter["value"], letter["group"], letter["topic"]) == (bad, case.spec.group, _input_topic(case, "realtime"))
    assert letter["reason"] in {"malformed", "unknown_schema", "null_record"}
    assert_ledger_proves(settings, case.spec, 21)


@pytest.mark.parametrize("step", ["_write_ledger", "_flush"])
def test_a_crash_inside_the_transaction_loses_nothing_and_writes_nothing_twice(
    case: Case, kafka_settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    settings = settings_for(kafka_settings)
    prepare(settings)
    produce(settings, _input_topic(case, "realtime"), case.inputs(60, "realtime", 5))

    def crash(*_: object) -> None:
        raise FatalStageError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(Transactions, step, crash)
        with running(settings, case.spec, case.build()) as run:
            run.thread.join(30)
            assert isinstance(run.failures[0], FatalStageError)
    assert committed(settings, case.outputs["realtime"])[case.outputs["realtime"]] == []
    with running(settings, case.spec, case.build()) as run:
        ids = _ids(case, wait_for(settings, case.outputs["realtime"], 60, run))
    assert set(ids.values()) == {1}
    assert_ledger_proves(settings, case.spec, 60)


def test_two_instances_share_the_work_and_a_second_one_takes_over(case: Case, kafka_settings: KafkaSettings) -> None:
    one, two = settings_for(kafka_settings, "0"), settings_for(kafka_settings, "1")
    prepare(one)
    topic, output = _input_topic(case, "realtime"), case.outputs["realtime"]
    with running(two, case.spec, case.build()) as staying:
        with running(one, case.spec, case.build()) as leaving:
            produce(one, topic, case.inputs(100, "realtime", 6))
            wait_for(one, output, 100, leaving)
        produce(one, topic, case.inputs(100, "realtime", 7))
        ids = _ids(case, wait_for(one, output, 200, staying))
    assert len(ids) == 200
    assert set(ids.values()) == {1}
    assert_ledger_proves(one, case.spec, 200)
