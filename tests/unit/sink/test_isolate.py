"""Bisection finds exactly the refused rows and inserts every other one once."""

from hypothesis import given
from hypothesis import strategies as st

from services.sink.isolate import isolate


@given(st.integers(0, 200), st.sets(st.integers(0, 199)))
def test_refused_rows_are_found_and_their_neighbours_inserted_once(size: int, bad: set[int]) -> None:
    inserted: list[int] = []
    refused: list[tuple[int, int]] = []

    def attempt(low: int, high: int) -> bool:
        if any(low <= index < high for index in bad):
            return False
        inserted.extend(range(low, high))
        return True

    found = isolate(size, attempt, refused=lambda low, high: refused.append((low, high)))
    assert found == sorted(index for index in bad if index < size)
    assert sorted(inserted) == [index for index in range(size) if index not in bad]
    assert all(any(low <= index < high for index in bad) for low, high in refused)


@given(st.integers(1, 100), st.sets(st.integers(0, 99), min_size=1))
def test_what_was_refused_before_is_not_sent_whole_again(size: int, bad: set[int]) -> None:
    bad = {index % size for index in bad}
    sent: list[tuple[int, int]] = []

    def attempt(low: int, high: int) -> bool:
        sent.append((low, high))
        return not any(low <= index < high for index in bad)

    refused: set[tuple[int, int]] = set()
    first = isolate(size, attempt, refused=lambda low, high: refused.add((low, high)))
    taken, sent[:] = list(sent), []
    again = isolate(size, attempt, known=lambda low, high: (low, high) in refused)
    assert again == first
    assert set(sent) == {span for span in taken if span not in refused}


def test_one_bad_row_among_many_costs_few_inserts() -> None:
    calls = 0

    def attempt(low: int, high: int) -> bool:
        nonlocal calls
        calls += 1
        return not low <= 777 < high

    assert isolate(20_000, attempt) == [777]
    assert calls <= 32
