"""Times of the sample input, which are told relative to the moment at which the demo runs."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LAGOS = ZoneInfo("Africa/Lagos")
MINUTE_MS = 60_000
DAY_MS = 86_400_000

_DAYS = re.compile(r"-([1-9]\d?)d ([01]\d|2[0-3]):([0-5]\d)")
_MINUTES = re.compile(r"-(\d{1,3})m")


def moment(written: str, now: int) -> int:
    """Milliseconds since the epoch of a time as the sample input writes it; ValueError for any other form.

    `-3d 19:42` is three days ago at 19:42 in Lagos, `-25m` is 25 minutes ago, an empty text is now.

    >>> noon = 1_767_265_200_000  # 2026-01-01 12:00 in Lagos
    >>> moment("-1d 19:42", noon) - noon == (-24 + 7) * 3_600_000 + 42 * 60_000
    True
    >>> noon - moment("-25m", noon)
    1500000
    """
    if not written:
        return now
    if match := _MINUTES.fullmatch(written):
        return now - int(match[1]) * MINUTE_MS
    match = _DAYS.fullmatch(written)
    if match is None:
        raise ValueError("a time is written -3d 19:42 or -25m")
    day = datetime.fromtimestamp(now / 1000, LAGOS) - timedelta(days=int(match[1]))
    at = day.replace(hour=int(match[2]), minute=int(match[3]), second=0, microsecond=0)
    return int(at.timestamp() * 1000)


def lagos(at: int) -> datetime:
    """The same moment on a clock in Lagos."""
    return datetime.fromtimestamp(at / 1000, LAGOS)
