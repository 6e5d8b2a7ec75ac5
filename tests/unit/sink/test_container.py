"""Wrapped bodies are a valid Avro file, read back by two other implementations, whatever the neighbours are."""

import io
import random

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from services.runtime.codec import HEADER_BYTES, Codec
from services.runtime.registry import IdsFile
from services.sink import container
from services.sink.buffer import Record
from services.sink.peek import channel_and_time, fits
from services.sink.targets import GOLD_PREFIX, targets
from tests.unit.sink.gold import gold

CODEC = Codec()
TABLE = frozenset(field["name"] for field in schemas.current("GoldEvent")["fields"]) | {n for n, _ in GOLD_PREFIX}
TARGETS = targets(CODEC, IdsFile(), lambda _table: TABLE)


def records(*values: bytes | None, first: int = 100) -> list[Record]:
    return [Record(first + index, 1_700_000_000_000 + index, None, value, None) for index, value in enumerate(values)]


@given(st.integers(-(2**63), 2**63 - 1))
def test_varint_is_what_fastavro_writes(number: int) -> None:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, {"type": "long"}, number)
    assert container.varint(number) == out.getvalue()


def test_bodies_come_back_unread_with_their_place_in_front() -> None:
    rng = random.Random(1)
    events = [gold(rng) for _ in range(20)]
    [parcel], refusals = TARGETS["gold.batch"].pack(
        "gold.batch", 3, records(*(CODEC.encode("GoldEvent", event) for event in events))
    )
    assert refusals == []
    read = list(fastavro.reader(io.BytesIO(parcel.file(0, 20))))
    for index, (row, event) in enumerate(zip(read, events, strict=True)):
        assert (row["kafka_topic"], row["kafka_partition"], row["kafka_offset"]) == ("gold.batch", 3, 100 + index)
        assert row["text"] == event["text"]
        assert row["event_id"] == event["event_id"]
        assert round(row["occurred_at"].timestamp() * 1000) == event["occurred_at"]
    assert set(parcel.columns) == TABLE


def test_a_part_of_a_parcel_is_a_file_of_its_own() -> None:
    rng = random.Random(2)
    values = [CODEC.encode("GoldEvent", gold(rng)) for _ in range(5)]
    [parcel], _ = TARGETS["gold.batch"].pack("gold.batch", 0, records(*values))
    assert [row["kafka_offset"] for row in fastavro.reader(io.BytesIO(parcel.file(1, 3)))] == [101, 102]


def test_what_cannot_become_a_row_is_refused_by_reason_and_the_rest_packed() -> None:
    good = CODEC.encode("GoldEvent", gold(random.Random(3)))
    foreign = CODEC.encode("Erasure", {"erasure_id": "e", "keys": [], "requested_at": 1})
    unknown = b"\x00\x7f\xff\xff\xff" + good[HEADER_BYTES:]
    [parcel], refusals = TARGETS["gold.batch"].pack("gold.batch", 0, records(good, None, b"{}", foreign, unknown, good))
    assert [(refusal.record.offset, refusal.reason) for refusal in refusals] == [
        (101, "null_record"),
        (102, "malformed"),
        (103, "malformed"),
        (104, "unknown_schema"),
    ]
    assert [record.offset for record in parcel.records] == [100, 105]


def test_columns_that_a_table_lacks_are_left_out() -> None:
    narrow = targets(CODEC, IdsFile(), lambda _table: frozenset({"event_id", "kafka_offset"}))
    [parcel], _ = narrow["gold.batch"].pack("gold.batch", 0, records(CODEC.encode("GoldEvent", gold(random.Random(4)))))
    assert set(parcel.columns) == {"event_id", "kafka_offset"}


def test_dead_letters_leave_their_bytes_behind() -> None:
    letter = {
        "dead_letter_id": "d",
        "group": "cleaner",
        "service": "cleaner",
        "reason": "malformed",
        "detail": "x",
        "topic": "bronze.realtime",
        "partition": 1,
        "offset": 2,
        "log_time": 3,
        "key": b"secret key",
        "value": b"call me on 08031234567",
        "headers": {"h": b"secret header"},
        "failed_at": 4,
        "attempt": 0,
    }
    [parcel], _ = TARGETS["dead-letters"].pack("dead-letters", 5, records(CODEC.encode("DeadLetter", letter)))
    data = parcel.file(0, 1)
    assert b"secret" not in data
    assert b"0803" not in data
    [row] = list(fastavro.reader(io.BytesIO(data)))
    assert (row["letter_partition"], row["letter_offset"], row["topic"], row["reason"]) == (
        5,
        100,
        "bronze.realtime",
        "malformed",
    )


@given(st.integers(0, 2**32))
def test_channel_and_time_are_peeked_as_the_codec_decodes_them(seed: int) -> None:
    rng = random.Random(seed)
    event = gold(
        rng,
        customer_key=rng.choice([None, "k1_" + "a" * 26]),
        mentioned_keys=["k1_" + "b" * 26] * rng.randrange(4),
        revision_no=rng.randrange(2**31),
        generation=rng.randrange(100),
        source="web:" + "ọ" * rng.randrange(80),
    )
    body = CODEC.encode("GoldEvent", event)[HEADER_BYTES:]
    assert channel_and_time(body) == (event["channel"], event["occurred_at"])


def test_only_schemas_that_begin_as_gold_does_are_peeked_into() -> None:
    assert fits(schemas.bare(schemas.current("GoldEvent")))
    assert not fits(schemas.bare(schemas.current("LedgerEntry")))


@given(st.binary(max_size=80))
def test_peeking_into_rubbish_ends_in_one_of_two_errors(data: bytes) -> None:
    try:
        channel_and_time(data)
    except (IndexError, ValueError):
        return


@pytest.mark.parametrize("extra", [b"", b"zzz"])
def test_a_body_that_is_too_long_does_not_shift_its_neighbours(extra: bytes) -> None:
    rng = random.Random(5)
    first, second, third = (CODEC.encode("GoldEvent", gold(rng)) for _ in range(3))
    [parcel], _ = TARGETS["gold.batch"].pack("gold.batch", 0, records(first, second + extra, third))
    blocks = parcel.rows
    read = list(fastavro.reader(io.BytesIO(container.container(parcel.head, [blocks[0], blocks[2]]))))
    assert [row["kafka_offset"] for row in read] == [100, 102]
