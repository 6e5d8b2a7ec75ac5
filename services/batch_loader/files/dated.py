"""The day that a file's name bears."""

import re
from datetime import date, datetime, timedelta, tzinfo

_DAY = re.compile(r"(?<!\d)(20\d{2})([-_.]?)([01]\d)\2([0-3]\d)(?!\d)")


def is_template(location: str) -> bool:
    """Whether a location has a date to be filled in, e.g. /exports/calls_%Y-%m-%d.csv."""
    return "%d" in location and "%m" in location


def for_days(location: str, first: date, last: date) -> list[str]:
    """A location for each day, oldest first; the location itself where it has no date.

    >>> for_days("calls_%Y-%m-%d.csv", date(2026, 1, 31), date(2026, 2, 1))
    ['calls_2026-01-31.csv', 'calls_2026-02-01.csv']
    """
    if not is_template(location):
        return [location]
    return [(first + timedelta(days=n)).strftime(location) for n in range((last - first).days + 1)]


def day_in(name: str, zone: tzinfo) -> int | None:
    """Midnight (ms UTC) of the day in a name such as call_logs_day_2026-01-02.csv, in a zone; None without one.

    >>> from datetime import timezone
    >>> day_in("call_logs_day_2026-01-02.csv", timezone.utc), day_in("calls.csv", timezone.utc)
    (1767312000000, None)
    """
    match = _DAY.search(name)
    if match is None:
        return None
    try:
        day = datetime(int(match[1]), int(match[3]), int(match[4]), tzinfo=zone)
    except ValueError:
        return None
    return round(day.timestamp() * 1000)
