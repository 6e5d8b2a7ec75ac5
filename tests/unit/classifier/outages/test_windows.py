"""Distinct customers in a sliding window."""

from hypothesis import given
from hypothesis import strategies as st

from services.classifier.outages.rules import WINDOW_BUCKETS
from services.classifier.outages.windows import DistinctWindow

SEEN = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), max_size=60)


@given(SEEN)
def test_the_count_is_that_of_a_plain_set(seen: list[tuple[int, int]]) -> None:
    window = DistinctWindow(3)
    for customer, bucket in seen:
        window.add(str(customer), bucket)
    last = max((bucket for _, bucket in seen), default=0)
    expected = {customer for customer, bucket in seen if last - WINDOW_BUCKETS < bucket <= last}
    assert window.count(last) == len(expected)
    assert set(window.customers(last - WINDOW_BUCKETS + 1, last)) == {str(customer) for customer in expected}


@given(SEEN)
def test_the_order_of_arrival_and_second_deliveries_make_no_difference(seen: list[tuple[int, int]]) -> None:
    one, other = DistinctWindow(3), DistinctWindow(3)
    for customer, bucket in seen:
        one.add(str(customer), bucket)
    for customer, bucket in reversed(seen + seen):
        other.add(str(customer), bucket)
    assert [one.in_bucket(b) for b in range(21)] == [other.in_bucket(b) for b in range(21)]


@given(SEEN, st.integers(0, 20))
def test_what_is_forgotten_is_gone_and_the_rest_stays(seen: list[tuple[int, int]], before: int) -> None:
    window = DistinctWindow(3)
    for customer, bucket in seen:
        window.add(str(customer), bucket)
    kept = sum(window.in_bucket(b) for b in range(before, 21))
    is_empty = window.forget_before(before)
    assert sum(window.in_bucket(b) for b in range(21)) == kept
    assert is_empty == (kept == 0)


def test_copies_of_one_text_count_for_a_few_customers_until_they_are_forgotten() -> None:
    window = DistinctWindow(3)
    assert [window.add(f"bot{n}", 100, "text") for n in range(5)] == [True, True, True, False, False]
    assert window.count(100) == 3
    assert window.add("bot4", 100, "own words")
    window.forget_before(101)
    assert window.add("bot5", 101, "text")
