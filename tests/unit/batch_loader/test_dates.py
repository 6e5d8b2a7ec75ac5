from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.batch_loader.mapping.dates import Order, Times, order_of

AT = int(datetime(2015, 4, 22, 15, 53, 50, tzinfo=UTC).timestamp() * 1000)
DAY = int(datetime(2015, 4, 22, tzinfo=UTC).timestamp() * 1000)

FORMS = ["%d/%m/%Y %H:%M:%S", "%d-%b-%y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S", "%B %d, %Y %H:%M:%S", "%Y%m%d%H%M%S"]


@pytest.mark.parametrize(
    "text",
    [
        "2015-04-22 15:53:50",
        "2015-04-22T15:53:50Z",
        "2015-04-22T16:53:50+01:00",
        "2015-04-22T16:53:50.000+0100",
        "2015/04/22 15:53:50",
        "22-04-15 3:53:50 PM",
        "22/04/2015 15:53:50",
        "22.04.2015, 15:53:50",
        "04/22/2015 3:53:50pm",
        "22-Apr-15 3:53:50 PM",
        "22 April 2015 15:53:50",
        "22nd April, 2015 15:53:50",
        "Apr 22, 2015 3:53:50 PM",
        "Wednesday, April 22, 2015 15:53:50",
        "Wed 22 Apr 2015 15:53:50 UTC",
        "22 Apr 2015 16:53:50 WAT",
        "2015-Apr-22 15:53:50",
        "20150422 155350",
        "20150422T155350",
        "1429718030",
        "1429718030000",
        "42116.6623842593",
    ],
)
def test_one_moment_in_many_formats(text: str) -> None:
    assert Times(UTC).ms(text) == AT


@pytest.mark.parametrize("text", ["2015-04-22", "22/04/15", "22-Apr-2015", "20150422", "April 22, 2015", "42116"])
def test_a_date_alone_is_its_midnight(text: str) -> None:
    assert Times(UTC).ms(text) == DAY


@pytest.mark.parametrize(
    "text", ["", "yesterday", "32/01/2015", "2015-13-45", "22/04", "5", "12:30", "22-Xyz-15", "2015-02-30", "²", "٣"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert Times(UTC).ms(text) is None


def test_a_time_column_is_added_to_a_date() -> None:
    assert Times(UTC).ms("22-Apr-15", "3:53:50 PM") == AT
    assert Times(UTC).ms(date(2015, 4, 22), "3:53:50 PM") == AT


def test_local_times_are_of_the_sources_zone() -> None:
    assert Times(ZoneInfo("Africa/Lagos")).ms("2015-04-22 16:53:50") == AT
    assert Times(ZoneInfo("America/New_York")).ms("2015-04-22 11:53:50") == AT


def test_days_on_which_the_clock_changes_follow_the_zones_rules() -> None:
    times = Times(ZoneInfo("America/New_York"))
    before, after = times.ms("2015-03-08 01:30:00"), times.ms("2015-03-08 03:30:00")
    assert before is not None
    assert after is not None
    assert after - before == 3_600_000


@pytest.mark.parametrize(("order", "month"), [("dmy", 5), ("mdy", 4)])
def test_the_order_decides_what_could_be_read_both_ways(order: Order, month: int) -> None:
    expected = datetime(2015, month, 9 - month, tzinfo=UTC).timestamp() * 1000
    assert Times(UTC, order).ms("04/05/2015") == expected


def test_a_column_proves_its_order() -> None:
    assert order_of(["03/04/2024", "04/25/2024", "n/a"]) == ("mdy", 1)


@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime(1970, 1, 2), datetime(2069, 1, 1)), st.sampled_from(FORMS))
def test_what_was_written_is_read_back(when: datetime, form: str) -> None:
    expected = int(when.replace(microsecond=0, tzinfo=UTC).timestamp() * 1000)
    assert Times(UTC).ms(when.strftime(form)) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = Times(ZoneInfo("Africa/Lagos")).ms(text)
    assert found is None or isinstance(found, int)
