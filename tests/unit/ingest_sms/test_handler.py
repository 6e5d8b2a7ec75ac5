"""The stage over ingest.sms and ingest.status."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.identity import IdKey
from services.ingest_sms.handler import TICK_HEADER, SmsHandler
from services.ingest_sms.parts import GAP, part_key
from services.runtime.codec import Codec
from services.runtime.stage import Outcomes, Record
from services.runtime.stage.records import DEAD, IGNORED, JOINED, REDELIVERED, WRITTEN
from tests.unit.ingest_sms.requests import NOW

IDS = IdKey(b"0123456789abcdef")
CODEC = Codec()
TIMEOUT = 60_000
SMS: dict[str, Any] = {"message_id": "1", "sender": "08031234567", "text": "No network", "sent_at": NOW}


def handler() -> SmsHandler:
    return SmsHandler(CODEC, IDS, TIMEOUT)


class Log:
    """Makes records with offsets that rise."""

    def __init__(self) -> None:
        self._offsets = itertools.count()

    def record(self, value: Any, topic: str = "ingest.sms", key: bytes | None = None, at: int = NOW) -> Record:
        raw = value if isinstance(value, bytes | None) else json.dumps(value).encode()
        return Record(topic, 0, next(self._offsets), at, key, raw, None)

    def part(self, number: int, count: int = 3, at: int = NOW, **changes: Any) -> Record:
        message = {
            "message_id": f"m{number}",
            "sender": "08031234567",
            "recipient": "2020",
            "text": f"<{number}>",
            "sent_at": NOW,
            "gateway": "vonage",
            "attributes": {"part_reference": "9", "part_number": str(number), "part_count": str(count)},
        } | changes
        return self.record(CODEC.encode("SmsMessage", message), key=part_key(IDS, message), at=at)

    def tick(self, at: int) -> Record:
        return self.record(b"{}", at=at)._replace(headers=[(TICK_HEADER, b"1")])


def committed(stage: SmsHandler, *records: Record) -> Outcomes:
    outcomes = stage.handle(list(records), "realtime", NOW)
    stage.apply(outcomes)
    return outcomes


def bronze(outcomes: Outcomes) -> list[dict[str, Any]]:
    return [CODEC.decode("BronzeEvent", o.value) for o in outcomes.outputs if o.topic == "bronze.realtime"]


def test_avro_and_json_give_the_same_event() -> None:
    log = Log()
    full = SMS | {"recipient": None, "gateway": "generic", "attributes": {}}
    outcomes = committed(handler(), log.record(SMS), log.record(CODEC.encode("SmsMessage", full)))
    first, second = bronze(outcomes)
    assert first["event_id"] == second["event_id"]
    assert (first["payload"], first["payload_type"]) == (json.dumps(SMS).encode(), "application/json")
    assert second["payload_type"] == "application/avro"
    assert outcomes.channels == [(0, "sms"), (1, "sms")]
    assert first["received_at"] == NOW


def test_one_record_may_hold_a_list() -> None:
    outcomes = committed(handler(), Log().record([SMS, SMS | {"message_id": "2"}, SMS | {"text": " "}]))
    assert outcomes.mains == [2]
    assert len({e["event_id"] for e in bronze(outcomes)}) == 2


@pytest.mark.parametrize(
    ("topic", "value", "reason"),
    [
        ("ingest.sms", None, "null_record"),
        ("ingest.sms", b"", "malformed"),
        ("ingest.sms", b"hello", "malformed"),
        ("ingest.sms", b"\x00\x00", "malformed"),
        ("ingest.sms", b"\x00\xff\xff\xff\xff\x00", "unknown_schema"),
        ("ingest.sms", b'{"sender":"1","text":"\xff"}', "bad_text"),
        ("ingest.sms", {"sender": "1"}, "missing_field"),
        ("ingest.sms", SMS | {"text": 5.5}, "bad_field"),
        ("ingest.sms", SMS | {"sent_at": "1970-01-01T00:00:00Z"}, "bad_timestamp"),
        ("ingest.sms", [SMS, {"sender": "1"}], "missing_field"),
        ("ingest.sms", [SMS, SMS | {"sent_at": 5}], "bad_timestamp"),
        ("ingest.status", None, "null_record"),
        ("ingest.status", b"\x00\x00\x00\x00", "malformed"),
        ("ingest.status", {"source": "sms:x", "source_id": "1"}, "missing_field"),
        ("ingest.status", {"source": "sms:x", "source_id": "1", "status": "odd"}, "bad_field"),
        ("ingest.status", {"complaint_id": "no uuid", "status": "closed"}, "bad_field"),
        ("ingest.status", {"source": "No Source", "source_id": "1", "status": "closed"}, "bad_field"),
    ],
)
def test_a_bad_record_is_dead_with_its_reason_and_stops_nothing(topic: str, value: Any, reason: str) -> None:
    log = Log()
    outcomes = committed(handler(), log.record(value, topic), log.record(SMS))
    assert outcomes.fates[0] == DEAD
    assert outcomes.mains == [0, 1]
    assert outcomes.failures[0].reason == reason


def test_an_empty_message_is_ignored() -> None:
    outcomes = committed(handler(), Log().record(SMS | {"text": ""}), Log().record(b"[]"))
    assert outcomes.fates == [IGNORED, IGNORED]
    assert outcomes.ignored_for == {0: "empty", 1: "empty"}


def test_a_status_report_becomes_a_revision() -> None:
    log = Log()
    update = {"source": "sms:generic", "source_id": "1", "status": "Resolved", "at": NOW}
    avro = CODEC.encode("StatusUpdate", update | {"complaint_id": None, "note": None})
    outcomes = committed(
        handler(), log.record(SMS), log.record(update, "ingest.status"), log.record(avro, "ingest.status")
    )
    message, one, two = bronze(outcomes)
    assert message["complaint_id"] == one["complaint_id"]
    assert one["event_id"] == two["event_id"]
    assert (one["action"], one["fields"]) == ("updated", {"status": "resolved"})


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
@pytest.mark.parametrize("at_once", [True, False])
def test_parts_are_joined_in_any_order_within_a_batch_and_over_batches(order: tuple[int, ...], at_once: bool) -> None:
    stage, log = handler(), Log()
    records = [log.part(number) for number in order]
    batches = [committed(stage, *records)] if at_once else [committed(stage, record) for record in records]
    fates = [fate for outcomes in batches for fate in outcomes.fates]
    assert fates == [JOINED, JOINED, WRITTEN]
    [event] = [event for outcomes in batches for event in bronze(outcomes)]
    assert event["text"] == "<1><2><3>"
    assert event["source"] == "sms:vonage"
    assert len(event["payload"].splitlines()) == 3
    assert stage.partitions_waiting() == []


def test_the_joined_message_has_the_same_id_whatever_the_order() -> None:
    ids = set()
    for order in itertools.permutations([1, 2, 3]):
        stage, log = handler(), Log()
        ids |= {e["event_id"] for n in order for e in bronze(committed(stage, log.part(n)))}
    assert len(ids) == 1


def test_a_batch_that_is_not_committed_leaves_no_trace() -> None:
    stage, log = handler(), Log()
    one, two = log.part(1, 2), log.part(2, 2)
    stage.handle([one, two], "realtime", NOW)
    assert stage.partitions_waiting() == []
    assert [e["text"] for e in bronze(committed(stage, one, two))] == ["<1><2>"]


def test_a_second_delivery_of_a_part_is_dropped_before_and_after_the_join() -> None:
    stage, log = handler(), Log()
    fates = [committed(stage, log.part(n, 2)).fates[0] for n in (1, 1, 2, 1, 2)]
    assert fates == [JOINED, REDELIVERED, WRITTEN, REDELIVERED, REDELIVERED]


def test_a_reference_that_is_used_again_starts_another_message() -> None:
    stage, log = handler(), Log()
    committed(stage, log.part(1, 2))
    committed(stage, log.part(1, 2, message_id="n1", text="other "))
    texts = [e["text"] for n in ("m2", "n2") for e in bronze(committed(stage, log.part(2, 2, message_id=n)))]
    assert texts == ["<1><2>", "other <2>"]


def test_an_incomplete_message_is_released_after_the_timeout_and_marked() -> None:
    stage, log = handler(), Log()
    committed(stage, log.part(1, 4), log.part(4, 4, at=NOW + 1))
    early = committed(stage, log.tick(NOW + TIMEOUT - 1))
    assert early.ignored_for == {0: "unknown_event"}
    assert stage.partitions_waiting() == [0]
    late = committed(stage, log.tick(NOW + TIMEOUT))
    [event] = bronze(late)
    assert event["text"] == f"<1>{GAP}<4>"
    assert event["fields"]["parts_missing"] == "2"
    assert late.mains == [1]
    assert stage.partitions_waiting() == []


def test_waiting_parts_survive_a_restart() -> None:
    first, log = handler(), Log()
    changes = [v for n in (1, 3) for v in committed(first, log.part(n)).changes[0]]
    second = handler()
    second.restore(0, changes)
    assert second.partitions_waiting() == [0]
    assert committed(second, log.part(3)).fates == [REDELIVERED]
    outcomes = committed(second, log.part(2))
    assert [e["text"] for e in bronze(outcomes)] == ["<1><2><3>"]
    third = handler()
    third.restore(0, changes + outcomes.changes[0])
    assert third.partitions_waiting() == []
    assert committed(third, log.part(1)).fates == [REDELIVERED]


def test_state_of_a_partition_that_went_away_is_dropped() -> None:
    stage, log = handler(), Log()
    committed(stage, log.part(1))
    stage.drop(0)
    assert stage.partitions_waiting() == []


def test_parts_with_a_producers_own_key_are_sent_on_under_the_common_key() -> None:
    record = Log().part(1)
    outcomes = committed(handler(), record._replace(key=b"mine"))
    [output] = outcomes.outputs
    assert (output.topic, output.key, outcomes.mains) == ("ingest.sms", record.key, [1])
    assert committed(handler(), record._replace(key=output.key, value=output.value)).fates == [JOINED]


def test_a_part_without_sense_is_a_message_of_its_own() -> None:
    for attributes in ({"part_reference": "1"}, {"part_reference": "1", "part_number": "3", "part_count": "2"}):
        assert len(bronze(committed(handler(), Log().record(SMS | {"attributes": attributes})))) == 1


@settings(max_examples=40, deadline=None)
@given(st.permutations([(r, n) for r in "ab" for n in range(1, 5)]), st.sets(st.integers(0, 7)))
def test_restarts_anywhere_lose_and_double_nothing(order: list[tuple[str, int]], restarts: set[int]) -> None:
    log, texts = Log(), []
    changelog: list[bytes] = []
    stage = handler()
    for position, (reference, number) in enumerate(order):
        if position in restarts:
            stage = handler()
            stage.restore(0, changelog)
        attributes = {"part_reference": reference, "part_number": str(number), "part_count": "4"}
        record = log.part(
            number, 4, attributes=attributes, message_id=f"{reference}{number}", text=f"{reference}{number} "
        )
        outcomes = committed(stage, record)
        changelog += outcomes.changes.get(0, [])
        texts += [event["text"] for event in bronze(outcomes)]
    assert sorted(texts) == ["a1 a2 a3 a4 ", "b1 b2 b3 b4 "]
