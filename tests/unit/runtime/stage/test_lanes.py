"""Realtime first, batch never starved, order kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.runtime.stage.lanes import CHUNK_SECONDS, Lanes
from services.runtime.stage.records import Record

RT, SLOW = ("bronze.realtime", 0), ("bronze.batch", 0)


def record(place: tuple[str, int], offset: int) -> Record:
    return Record(place[0], place[1], offset, 0, None, b"", None)


def lanes(share: float = 0.05, max_records: int = 100) -> Lanes:
    made = Lanes({"realtime": ("bronze.realtime",), "batch": ("bronze.batch",)}, share, max_records)
    made.assign([RT, SLOW])
    return made


def test_nothing_waits_nothing_is_chosen() -> None:
    assert lanes().choose() is None


def test_batch_waits_until_every_realtime_partition_was_read_to_its_end() -> None:
    chosen = lanes()
    chosen.add(record(SLOW, 0))
    assert chosen.choose() is None
    chosen.end(*RT)
    assert chosen.choose() == "batch"


def test_a_realtime_record_takes_precedence_again() -> None:
    chosen = lanes()
    chosen.add(record(SLOW, 0))
    chosen.end(*RT)
    chosen.add(record(RT, 0))
    assert chosen.choose() == "realtime"
    chosen.take("realtime")
    assert chosen.choose() is None, "its partition is no longer known to be at its end"


def test_batch_gets_its_share_of_time_under_a_realtime_flood() -> None:
    chosen = lanes(share=0.05)
    spent = {"realtime": 0.0, "batch": 0.0}
    offset = 0
    for _ in range(4_000):
        while chosen.waiting("batch") < 2_000:
            chosen.add(record(SLOW, offset))
            offset += 1
        chosen.add(record(RT, offset))
        lane = chosen.choose()
        assert lane is not None
        taken = chosen.take(lane)
        seconds = len(taken) / 10_000 if lane == "batch" else 0.01
        chosen.spent(lane, seconds, len(taken))
        spent[lane] += seconds
    share = spent["batch"] / (spent["realtime"] + spent["batch"])
    assert 0.04 < share < 0.06


def test_a_chunk_of_batch_work_is_bounded_by_time_at_any_speed() -> None:
    for speed in (100.0, 5_000.0, 200_000.0):
        chosen = lanes(max_records=100_000)
        seconds = 0.0
        for _ in range(30):
            while chosen.waiting("batch") < 12_000:
                chosen.add(record(SLOW, 0))
            taken = chosen.take("batch")
            seconds = len(taken) / speed
            chosen.spent("batch", seconds, len(taken))
        assert seconds == pytest.approx(CHUNK_SECONDS, rel=0.2)


def test_records_of_partitions_that_went_away_are_dropped() -> None:
    chosen = lanes()
    chosen.add(record(RT, 0))
    chosen.assign([SLOW])
    chosen.add(record(RT, 1))
    assert chosen.choose() is None
    assert chosen.waiting("realtime") == 0


@given(st.lists(st.sampled_from(["add", "take", "fail"]), max_size=60))
@settings(max_examples=80, deadline=None)
def test_records_leave_in_the_order_in_which_they_came(steps: list[str]) -> None:
    chosen = lanes(max_records=3)
    offset, seen = 0, []
    for step in [*steps, *["take"] * 60]:
        if step == "add":
            chosen.add(record(RT, offset))
            offset += 1
        elif chosen.waiting("realtime"):
            taken = chosen.take("realtime")
            if step == "fail":
                chosen.put_back("realtime", taken)
            else:
                seen += [one.offset for one in taken]
    assert seen == list(range(offset))
