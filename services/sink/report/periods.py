"""The axis of periods: the last so many up to the newest, empty ones included."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

SHOWN: Final = {"day": 60, "week": 53, "month": 36, "quarter": 20, "year": 12}


def axis(period: str, starts: Iterable[date]) -> list[date]:
    """Starts of the last SHOWN periods up to the newest that occurs, from the oldest that occurs on.

    >>> axis("month", [date(2026, 1, 1), date(2026, 4, 1)])
    [datetime.date(2026, 1, 1), datetime.date(2026, 2, 1), datetime.date(2026, 3, 1), datetime.date(2026, 4, 1)]
    """
    there = sorted(set(starts))
    if not there:
        return []
    out = [there[-1]]
    while len(out) < SHOWN[period] and out[-1] > there[0]:
        out.append(before(period, out[-1]))
    return out[::-1]


def before(period: str, start: date) -> date:
    """Start of the period before the one that begins at `start`.

    >>> before("quarter", date(2026, 1, 1)), before("week", date(2026, 1, 5))
    (datetime.date(2025, 10, 1), datetime.date(2025, 12, 29))
    """
    if period == "day":
        return start - timedelta(days=1)
    if period == "week":
        return start - timedelta(days=7)
    if period == "year":
        return date(start.year - 1, 1, 1)
    months = 1 if period == "month" else 3
    index = start.year * 12 + start.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def name(period: str, start: date) -> str:
    """What stands below a bar.

    >>> [name(p, date(2026, 4, 6)) for p in ("day", "week", "month", "quarter", "year")]
    ['6 Apr', 'wk 15', 'Apr 26', 'Q2 26', '2026']
    """
    if period == "day":
        return f"{start.day} {start:%b}"
    if period == "week":
        return f"wk {start.isocalendar().week}"
    if period == "month":
        return f"{start:%b %y}"
    if period == "quarter":
        return f"Q{(start.month + 2) // 3} {start:%y}"
    return str(start.year)
