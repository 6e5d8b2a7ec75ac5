"""Reads the times that exports hold: many formats, even mixed in one column, most without a zone."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

Order = Literal["dmy", "mdy"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june"),
            ("jul", "july"), ("aug", "august"), ("sep", "sept", "september"), ("oct", "october"), ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_SEP = r"[-/.\s]\s*"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})(?!\d)")
_NUMERIC = re.compile(rf"(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}})(?!\d)")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/.,\s]*([a-z]{3,9})[-/.,\s]*(\d{4}|\d{2})(?!\d)")
_NAMED_DAY = re.compile(r"([a-z]{3,9})[-/.\s]*(\d{1,2})(?:st|nd|rd|th)?[-/.,\s]+(\d{4}|\d{2})(?!\d)")
_YEAR_NAMED = re.compile(r"(\d{4})[-/.\s]*([a-z]{3,9})[-/.\s]*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"((?:19|20)\d{2})([01]\d)([0-3]\d)(?:[ t_-]?([0-2]\d)([0-5]\d)([0-5]\d)?)?(?!\d)")
_WEEKDAY = re.compile(r"(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)[a-z]*[,.\s]+")
_TIME = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?(?:m\.?)?\s*"
    r"(z|utc|gmt|wat|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_HOUR = re.compile(r"(\d{1,2})\s*([ap])\.?m\.?")
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_MS = 86_400_000
_EXCEL_DAY = date(1899, 12, 30).toordinal()  # so counted, Excel's days after February 1900 come out right
_WAT_MS = 3_600_000


def named_month(text: str) -> bool:
    """Whether a date says its month in words, so that day and month cannot be confused."""
    return any(word in _MONTHS for word in re.findall(r"[a-z]{3,9}", text.lower()))


def order_of(values: Iterable[str]) -> tuple[Order | None, int]:
    """What the numeric dates of a column prove about their order, and how many of them could be read both ways.

    >>> order_of(["03/04/2024", "25/12/2023"]), order_of(["01/02/24"])
    (('dmy', 1), (None, 1))
    """
    days, months, unclear = 0, 0, 0
    for value in values:
        match = _NUMERIC.match(value.strip())
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        days += first > 12 >= second
        months += second > 12 >= first
        unclear += first <= 12 and second <= 12 and first != second
    if not days and not months:
        return None, unclear
    return ("dmy" if days >= months else "mdy"), unclear


class Times:
    """Reads times of one source: local times in `zone`, numeric dates in `order` unless only the other one is possible.

    >>> from datetime import UTC
    >>> times = Times(UTC)
    >>> [times.ms(x) for x in ("2015-04-22 15:53:50", "22-04-15 3:53:50 PM", "22-Apr-15 15:53:50", "nonsense")]
    [1429718030000, 1429718030000, 1429718030000, None]
    """

    def __init__(self, zone: tzinfo, order: Order = "dmy") -> None:
        self._zone = zone
        self._order = order
        self._midnights: dict[int, int | None] = {}
        self._days: dict[str, int | None] = {}

    def ms(self, value: Any, time_of_day: str = "") -> int | None:
        """Milliseconds since the epoch, UTC; None when `value` is no time. `time_of_day` is added to a mere date."""
        if isinstance(value, str):
            return self._text(value, time_of_day)
        if isinstance(value, datetime):
            aware = value if value.tzinfo else value.replace(tzinfo=self._zone)
            return round(aware.timestamp() * 1000)
        if isinstance(value, date):
            return self._at(value.toordinal(), self._time(time_of_day) or 0)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._number(float(value))
        return None

    def _text(self, value: str, time_of_day: str) -> int | None:
        text = f"{value} {time_of_day}" if time_of_day else value
        if text.isascii() and text.isdigit() and len(text) not in (8, 12, 14):
            return self._number(float(text))
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError:
            return self._loose(text.strip().lower())
        if parsed.tzinfo is not None:
            return round(parsed.timestamp() * 1000)
        seconds = parsed.hour * 3_600 + parsed.minute * 60 + parsed.second
        return self._at(parsed.toordinal(), seconds * 1000 + parsed.microsecond // 1000)

    def _loose(self, text: str) -> int | None:
        head, _, tail = text.partition(" ")
        day = self._lone_day(head)
        if day is not None:
            return self._with_time(day, tail)
        found = self._day(text)
        if found is None:
            return self._numeric_text(text)
        return self._with_time(*found)

    def _lone_day(self, text: str) -> int | None:
        """Ordinal of a date that stands alone; remembered, since exports hold the same days again and again."""
        if text not in self._days:
            if len(self._days) > 4_096:
                self._days.clear()
            found = self._day(text)
            self._days[text] = found[0] if found and not found[1] else None
        return self._days[text]

    def _day(self, text: str) -> tuple[int, str] | None:
        """Ordinal of the date that begins `text`, and what follows it."""
        text = _WEEKDAY.sub("", text, count=1) if text[:1].isalpha() else text
        if match := _YEAR_FIRST.match(text):
            year, month, day = int(match[1]), int(match[2]), int(match[3])
        elif match := _NUMERIC.match(text):
            year, month, day = self._ordered(int(match[1]), int(match[2]), match[3])
        elif match := _DAY_NAMED.match(text):
            year, month, day = _century(match[3]), _MONTHS.get(match[2], 0), int(match[1])
        elif match := _NAMED_DAY.match(text):
            year, month, day = _century(match[3]), _MONTHS.get(match[1], 0), int(match[2])
        elif match := _YEAR_NAMED.match(text):
            year, month, day = int(match[1]), _MONTHS.get(match[2], 0), int(match[3])
        elif match := _COMPACT.match(text):
            year, month, day = int(match[1]), int(match[2]), int(match[3])
            clock = f"{match[4]}:{match[5]}:{match[6] or '00'}" if match[4] else ""
            return _ordinal(year, month, day, clock + text[match.end() :])
        else:
            return None
        return _ordinal(year, month, day, text[match.end() :])

    def _ordered(self, first: int, second: int, year: str) -> tuple[int, int, int]:
        day, month = (first, second) if self._order == "dmy" else (second, first)
        if month > 12 >= day:
            day, month = month, day
        return _century(year), month, day

    def _with_time(self, day: int, text: str) -> int | None:
        text = text.lstrip(" t,-_").rstrip()
        if not text:
            return self._at(day, 0)
        match = _TIME.fullmatch(text)
        if match is None:
            within = self._time(text)
            return None if within is None else self._at(day, within)
        within = _milliseconds(match)
        if within is None:
            return None
        zone = match[6]
        if zone is None:
            return self._at(day, within)
        offset = _WAT_MS if zone == "wat" else _offset(zone) if zone[0] in "+-" else 0
        return (day - _EPOCH_DAY) * _DAY_MS + within - offset

    def _time(self, text: str) -> int | None:
        text = text.strip().lower()
        if match := _TIME.fullmatch(text):
            return _milliseconds(match)
        if match := _HOUR.fullmatch(text):
            return _clock(int(match[1]), 0, 0, match[2])
        return None

    def _numeric_text(self, text: str) -> int | None:
        try:
            return self._number(float(text))
        except ValueError:
            return None

    def _number(self, value: float) -> int | None:
        """Seconds, milliseconds, microseconds since the epoch, or Excel's days, told apart by size."""
        if 1e14 <= value < 1e17:
            return int(value / 1000)
        if 1e11 <= value < 1e14:
            return int(value)
        if 1e8 <= value < 1e11:
            return round(value * 1000)
        if 20_000 <= value < 90_000:  # 1954 to 2146
            day = int(value)
            return self._at(_EXCEL_DAY + day, round((value - day) * 86_400) * 1000)
        return 0 if value == 0 else None

    def _at(self, day: int, within: int) -> int | None:
        """A local time: from the cached midnight on days of one offset, else by the zone's own rules."""
        midnight = self._midnights.get(day, -1)
        if midnight == -1:
            midnight = self._midnight(day)
            if len(self._midnights) > 4_096:
                self._midnights.clear()
            self._midnights[day] = midnight
        if midnight is not None:
            return midnight + within
        local = datetime.combine(date.fromordinal(day), time(), self._zone) + timedelta(milliseconds=within)
        return round(local.timestamp() * 1000)

    def _midnight(self, day: int) -> int | None:
        start = datetime.combine(date.fromordinal(day), time(), self._zone)
        end = datetime.combine(date.fromordinal(day), time(23, 59, 59), self._zone)
        return round(start.timestamp() * 1000) if start.utcoffset() == end.utcoffset() else None


def _century(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year) if int(year) < 70 else 1900 + int(year)


def _ordinal(year: int, month: int, day: int, rest: str) -> tuple[int, str] | None:
    try:
        return date(year, month, day).toordinal(), rest
    except ValueError:
        return None


def _milliseconds(match: re.Match[str]) -> int | None:
    within = _clock(int(match[1]), int(match[2]), int(match[3] or 0), match[5])
    fraction = int((match[4] or "0").ljust(3, "0")[:3])
    return None if within is None else within + fraction


def _clock(hour: int, minute: int, second: int, half: str | None) -> int | None:
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return (hour * 3_600 + minute * 60 + second) * 1000


def _offset(text: str) -> int:
    digits = text[1:].replace(":", "").ljust(4, "0")
    return (1 if text[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000
