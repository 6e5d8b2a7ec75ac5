"""Times as gateways write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest_sms.request import Refused
from services.ingest_sms.timestamps import any_ms, epoch_ms, iso_ms


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_reads_what_python_writes(moment: datetime, minutes: int, separator: str) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert iso_ms(aware.isoformat(separator)) == expected


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2016-10-06T09:28:39.220+0000", 1475746119220),
        ("2016-10-06T09:28:39.220+00:00", 1475746119220),
        ("2016-10-06 10:28:39,22 +01", 1475746119220),
        ("2016-10-06T09:28:39.220123456z", 1475746119220),
        ("2016-10-06 09:28:39 UTC", 1475746119000),
        ("2016-10-06T09:28", 1475746080000),
    ],
)
def test_reads_the_forms_of_gateways(text: str, ms: int) -> None:
    assert iso_ms(text) == ms


def test_a_time_without_zone_is_of_the_given_zone() -> None:
    assert iso_ms("2026-03-02 07:04:45", timezone(timedelta(hours=1))) == iso_ms("2026-03-02T06:04:45Z")


@pytest.mark.parametrize(
    "value", [1493735509, "1493735509", 1493735509.0, 1493735509000, "1493735509000.0", 1493735509000000]
)
def test_the_size_tells_the_unit(value: int | float | str) -> None:
    assert epoch_ms(value) == 1493735509000


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "2016-10-06",
        "2016-13-06T00:00:00",
        "2016-10-06T25:00:00",
        "2016-10-06T09:28:39+99:00",
        "nan",
        "1e5",
        None,
        True,
        [],
        float("nan"),
        float("inf"),
        10**30,
        "٣٤٥",
    ],
)
def test_refuses_everything_else(value: object) -> None:
    with pytest.raises(Refused) as refused:
        any_ms(value)
    assert refused.value.reason == "bad_timestamp"
