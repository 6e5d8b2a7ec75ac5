"""A partition's buffer: when a range is due, and which records it holds."""

from hypothesis import given
from hypothesis import strategies as st

from services.sink.buffer import Limits, PartitionBuffer, Record
from services.sink.ranges import Range


def buffer(position: int = 0, rows: int = 3, size: int = 1_000, seconds: float = 0.25, replay: Range | None = None):
    return PartitionBuffer("gold.batch", 1, "e", position, Limits(rows, size, seconds), replay)


def record(offset: int, size: int = 1) -> Record:
    return Record(offset, 0, None, b"x" * size, None)


def test_a_lonely_record_waits_for_the_interval_and_no_longer() -> None:
    made = buffer()
    made.add(record(5), now=10.0)
    assert not made.due(10.2)
    assert made.due(10.25)
    assert (made.take().first, made.take().end) == (0, 6)


def test_enough_rows_are_due_at_once_and_the_rest_waits_for_its_turn() -> None:
    made = buffer()
    for offset in range(5):
        made.add(record(offset), now=0.0)
    assert made.due(0.0)
    assert made.take().end == 3
    made.advanced(0.0)
    assert not made.due(0.1)
    assert (made.position, len(made)) == (3, 2)


def test_enough_bytes_are_due_at_once_and_one_huge_record_goes_alone() -> None:
    made = buffer(rows=100, size=10)
    made.add(record(0, 50), 0.0)
    made.add(record(1, 4), 0.0)
    assert made.due(0.0)
    assert made.take().end == 1
    made.advanced(0.0)
    assert not made.due(0.0)


def test_a_taken_range_stays_as_it_is_whatever_arrives() -> None:
    made = buffer()
    made.add(record(0), 0.0)
    assert made.due(1.0)
    before = made.take()
    made.add(record(1), 1.0)
    assert made.take() is before
    assert [r.offset for r in made.taken_records()] == [0]


def test_a_replay_is_due_once_its_end_was_read_also_over_control_records() -> None:
    made = buffer(position=4, replay=Range("gold.batch", 1, 4, 8, "e"))
    made.add(record(4), 0.0)
    made.add(record(6), 0.0)
    assert not made.due(99.0)
    made.reached_end(8)
    assert made.due(0.0)
    assert [r.offset for r in made.taken_records()] == [4, 6]


def test_records_that_were_read_before_are_ignored() -> None:
    made = buffer(position=4)
    for offset in (3, 4, 4, 5):
        made.add(record(offset), 0.0)
    assert len(made) == 2


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 40)), max_size=40),
    st.integers(1, 7),
    st.integers(10, 100),
)
def test_ranges_join_end_to_end_and_hold_every_record_once(steps: list[tuple[int, int]], rows: int, size: int) -> None:
    made = buffer(rows=rows, size=size, seconds=0.0)
    offset, offsets = 0, []
    for gap, length in steps:
        offset += gap
        offsets.append(offset)
        made.add(record(offset, length), 0.0)
    landed: list[int] = []
    at = 0
    while made.due(1.0):
        span = made.take()
        taken = made.taken_records()
        assert span.first == at
        assert 0 < len(taken) <= rows
        assert len(taken) == 1 or sum(len(r.value or b"") for r in taken) <= size
        landed += [r.offset for r in taken]
        at = span.end
        made.advanced(1.0)
    assert landed == offsets
