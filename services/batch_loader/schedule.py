"""What of a plan is due: by cron expression, with the days that were missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from croniter import croniter  # type: ignore[import-untyped]

from services.batch_loader.sources import Source

CATCH_UP_DAYS = 31
"""So many missed days are looked for; what is older is loaded by hand (load --since)."""


@dataclass(frozen=True)
class Due:
    """A source that is to be loaded."""

    source: Source
    at: datetime
    """When it fell due last."""
    days: tuple[date, ...]
    """The days it is due for, oldest first: of locations with a date."""


def due(source: Source, last: datetime | None, now: datetime) -> Due | None:
    """Whether a source is due, if the last run that succeeded was for the time `last`. Times are aware.

    A schedule that was missed several times is due once, for all the days in between.

    >>> from datetime import timezone
    >>> daily = Source(kind="call_center_csv", schedule="0 2 * * *", timezone="UTC")
    >>> found = due(daily, datetime(2026, 1, 1, 2, tzinfo=timezone.utc), datetime(2026, 1, 3, 9, tzinfo=timezone.utc))
    >>> [day.isoformat() for day in found.days]
    ['2026-01-02', '2026-01-03']
    """
    if not source.schedule:
        return None
    here = now.astimezone(source.zone)
    at: datetime = croniter(source.schedule, here + timedelta(seconds=1)).get_prev(datetime)
    if last is not None and last >= at:
        return None
    if last is None:
        return Due(source, at, (at.date(),))
    first = max(last.astimezone(source.zone).date() + timedelta(days=1), at.date() - timedelta(days=CATCH_UP_DAYS))
    days = [first + timedelta(days=n) for n in range((at.date() - first).days + 1)]
    return Due(source, at, tuple(days) or (at.date(),))


def next_due(sources: Sequence[Source], now: datetime) -> datetime | None:
    """When the next source falls due."""
    times = [croniter(s.schedule, now.astimezone(s.zone)).get_next(datetime) for s in sources if s.schedule]
    return min(times, default=None)
