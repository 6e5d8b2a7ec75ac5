"""Times of the sample input."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.moments import DAY_MS, LAGOS, lagos, moment

NOON = int(datetime(2026, 3, 2, 12, 0, tzinfo=LAGOS).timestamp() * 1000)


def test_days_ago_at_a_time_of_day_are_told_by_a_clock_in_lagos() -> None:
    assert lagos(moment("-3d 19:42", NOON)) == datetime(2026, 2, 27, 19, 42, tzinfo=LAGOS)


def test_minutes_ago_and_now() -> None:
    assert lagos(moment("-25m", NOON)) == datetime(2026, 3, 2, 11, 35, tzinfo=LAGOS)
    assert moment("", NOON) == NOON


@pytest.mark.parametrize("written", ["3d 19:42", "-0d 10:00", "-1d 24:00", "-1d 9:00", "yesterday", "-25"])
def test_any_other_form_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="written"):
        moment(written, NOON)


@given(
    now=st.integers(1_700_000_000_000, 1_900_000_000_000),
    days=st.integers(1, 99),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_a_day_ago_is_always_past_and_never_more_than_a_day_off(now: int, days: int, hour: int, minute: int) -> None:
    at = moment(f"-{days}d {hour:02}:{minute:02}", now)
    assert at < now
    assert abs(now - at - days * DAY_MS) < DAY_MS
