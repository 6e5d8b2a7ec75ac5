"""Keeps the counts exact: units (a Lagos day and a month of receipt) that an insert touched are counted again.

Counts are taken from the collapsed facts and replace the unit's rows in one insert, so a second delivery, an update, a
replay or an erasure changes the figures to what a recount says, and never adds to them.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.client import Client

from services.sink.warehouse import translated

_log = logging.getLogger(__name__)

SQL: Final = Path(__file__).parent / "counts"
SETTLE_SECONDS: Final = 10.0
"""An arrival is counted again this long after it was seen: its rows may have become visible a moment after it did."""
UNITS_AT_ONCE: Final = 400
_LATE: Final = timedelta(minutes=10)
_SETTINGS: Final = {
    # exact mode reads all parts again; copies of one event have the same occurred_at, so pruning keeps them together
    "use_skip_indexes_if_final_exact_mode": 0,
    "async_insert": 0,
}


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """What is counted at once: a Lagos day, and the month (YYYYMM) in which its events were received."""

    day: date
    received_month: int


@dataclass(slots=True)
class Arrivals:
    """Which inserts were seen when, and therefore which units are to be counted now. Pure."""

    seen: dict[tuple[str, int, int, datetime], float] = field(default_factory=dict)

    def fresh(self, key: tuple[str, int, int, datetime], now: float) -> bool:
        """Whether an insert is to be counted: it is new, or has not been seen for SETTLE_SECONDS yet."""
        return now - self.seen.setdefault(key, now) < SETTLE_SECONDS

    def forget(self, before: datetime) -> None:
        """Drop what is older than the window that is looked at."""
        self.seen = {key: at for key, at in self.seen.items() if key[3] >= before}


class Marts:
    """Counts on one connection. One instance of the sink does it at a time; two would only do the work twice."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._arrivals = Arrivals()
        self._caught_up = False

    def turn(self, now: float) -> int:
        """Count what was touched since the last turn; number of units counted. `now`: seconds, monotonic."""
        units = self._touched(now) if self._caught_up else self._left_over() | self._touched(now)
        self.count(units)
        self._caught_up = True
        return len(units)

    def count(self, units: Iterable[Unit]) -> None:
        """Count units again, whatever is known of them."""
        chosen = sorted(units)
        for start in range(0, len(chosen), UNITS_AT_ONCE):
            self._count(chosen[start : start + UNITS_AT_ONCE])

    def all_units(self, first: date | None = None, last: date | None = None) -> set[Unit]:
        """Every unit that the facts or the counts have, optionally from one day to another, both included."""
        return self._units(
            """
            SELECT DISTINCT day, received_month FROM (
                SELECT toDate(toTimeZone(occurred_at, 'Africa/Lagos')) AS day, toYYYYMM(received_at) AS received_month
                FROM complaint_events
                UNION ALL SELECT day, received_month FROM complaint_days)
            WHERE day >= {first:Date} AND day <= {last:Date} AND received_month > {frozen:UInt32}
            """,
            first=first or date(1990, 1, 1),
            last=last or date(2140, 1, 1),
            frozen=self._frozen(),
        )

    def _count(self, units: list[Unit]) -> None:
        days = [unit.day for unit in units]
        parameters = {
            "units": [(unit.day, unit.received_month) for unit in units],
            # occurred_at in UTC: Lagos is an hour ahead
            "first": datetime.combine(min(days), datetime.min.time()) - timedelta(hours=1),
            "last": datetime.combine(max(days), datetime.min.time()) + timedelta(hours=23),
        }
        for name in ("complaint_days", "complaint_hours", "counted_units"):
            with translated(f"counting into {name}"):
                self._client.command(_statement(name), parameters=parameters, settings=_SETTINGS)

    def _touched(self, now: float) -> set[Unit]:
        with translated("the arrivals"):
            rows = self._client.query(
                "SELECT topic, partition, first_offset, loaded_at, units, revised FROM arrivals "
                "WHERE loaded_at >= now64(3) - INTERVAL 1 HOUR ORDER BY loaded_at",
                tz_mode="aware",
            ).result_rows
        fresh = [row for row in rows if self._arrivals.fresh((row[0], row[1], row[2], row[3]), now)]
        if rows:
            self._arrivals.forget(rows[0][3])
        units = {Unit(_day(day), int(month)) for row in fresh for day, month in _pairs(row[4])}
        if any(row[5] for row in fresh):
            units |= self._siblings(min(row[3] for row in fresh if row[5]))
        return self._thawed(units)

    def _siblings(self, since: datetime) -> set[Unit]:
        """Units of all events of the complaints that were revised since: the latest revision may lie on another day."""
        return self._units(
            """
            SELECT DISTINCT toDate(toTimeZone(occurred_at, 'Africa/Lagos')), toYYYYMM(received_at)
            FROM complaint_events
            WHERE complaint_id IN (
                SELECT complaint_id FROM complaint_events
                WHERE loaded_at >= {since:DateTime64(3, 'UTC')}
                    AND (revision_no > 0 OR generation > 0 OR action != 'created'))
            """,
            since=since,
        )

    def _left_over(self) -> set[Unit]:
        """Units that were touched while nobody counted: by what the warehouse says of the last counts."""
        units = self._units(
            """
            SELECT day, received_month
            FROM (SELECT unit.1 AS day, unit.2 AS received_month, max(loaded_at) AS touched
                  FROM arrivals ARRAY JOIN units AS unit GROUP BY day, received_month) AS touched_units
            LEFT JOIN (SELECT * FROM counted_units FINAL) AS counted USING (day, received_month)
            WHERE touched >= counted_at - toIntervalSecond({late:UInt32})
            """,
            late=int(_LATE.total_seconds()),
        )
        with translated("the arrivals"):
            revised = self._client.query(
                "SELECT min(loaded_at), count() FROM arrivals "
                "WHERE revised AND loaded_at >= (SELECT max(counted_at) - INTERVAL 10 MINUTE FROM counted_units)",
                tz_mode="aware",
            ).first_row
        if revised and revised[1]:
            units |= self._siblings(revised[0])
        return self._thawed(units)

    def _frozen(self) -> int:
        """Months of receipt up to this one (YYYYMM) are no longer counted: their facts expire."""
        with translated("the retention"):
            return int(str(self._client.command("SELECT toYYYYMM(now() - INTERVAL 24 MONTH)")))

    def _thawed(self, units: set[Unit]) -> set[Unit]:
        if not units:
            return units
        frozen = self._frozen()
        return {unit for unit in units if unit.received_month > frozen}

    def _units(self, sql: str, **parameters: object) -> set[Unit]:
        with translated("the units to count"):
            rows = self._client.query(sql, parameters=parameters).result_rows
        return {Unit(_day(day), int(month)) for day, month in rows}


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _pairs(units: object) -> list[tuple[object, int]]:
    """Pairs of an array of named tuples, which the driver gives as dicts or as tuples."""
    out = []
    for unit in units if isinstance(units, list | tuple) else []:
        day, month = (unit["day"], unit["received_month"]) if isinstance(unit, dict) else unit
        out.append((day, month))
    return out


def _statement(name: str) -> str:
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return text.replace("/* latest */", (SQL / "latest.sql").read_text(encoding="utf-8"))
