"""How far a table has been read: a watermark that survives a restart, and where the next run begins."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from services.runtime.errors import PipelineError


class WatermarkError(PipelineError):
    """A watermark column whose values cannot be ordered, or a remembered value that cannot be read."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """The highest value of a table's watermark column that was acknowledged."""

    value: Any
    """A datetime, date, number or text, as the database gives it."""

    def to_json(self) -> str:
        """For the manifest."""
        if isinstance(self.value, datetime):
            return json.dumps({"datetime": self.value.isoformat()})
        if isinstance(self.value, date):
            return json.dumps({"date": self.value.isoformat()})
        if isinstance(self.value, (int, Decimal)) and not isinstance(self.value, bool):
            return json.dumps({"number": str(self.value)})
        if isinstance(self.value, str):
            return json.dumps({"text": self.value})
        kind = type(self.value).__name__
        raise WatermarkError(f"a watermark must be a time, a number or text that sorts as time does, not {kind}")

    @staticmethod
    def from_json(text: str) -> "Watermark":
        """As to_json wrote it.

        >>> Watermark.from_json(Watermark(datetime(2024, 1, 2, 3, 4)).to_json()).value
        datetime.datetime(2024, 1, 2, 3, 4)
        """
        try:
            ((kind, value),) = json.loads(text).items()
            if kind == "number":
                number = Decimal(value)
                return Watermark(int(number) if number == int(number) else number)
            parse: dict[str, Callable[[str], Any]] = {
                "datetime": datetime.fromisoformat,
                "date": date.fromisoformat,
                "text": str,
            }
            return Watermark(parse[kind](value))
        except (ValueError, KeyError, AttributeError, ArithmeticError) as error:
            raise WatermarkError("the manifest holds a watermark that cannot be read") from error

    def capped(self, now: datetime, zone: tzinfo) -> "Watermark":
        """Not past `now` (aware): one row from the future must not hide those that come before it."""
        moment = self._moment()
        if moment is None:
            return self
        limit = now.astimezone(moment.tzinfo) if moment.tzinfo else now.astimezone(zone).replace(tzinfo=None)
        return self if moment <= limit else Watermark(self._as_given(limit))

    def less(self, overlap: float) -> Any:
        """Where the next run begins: `overlap` earlier (seconds of a time, else units of the number).

        Rows are committed later than they are stamped; the overlap gives them time.

        >>> Watermark(datetime(2024, 1, 2)).less(3600), Watermark(1000).less(10), Watermark("2024-01-02 01:00").less(60)
        (datetime.datetime(2024, 1, 1, 23, 0), 990, '2024-01-02 00:59:00')
        """
        moment = self._moment()
        if moment is not None:
            return self._as_given(moment - timedelta(seconds=overlap))
        return self.value - int(overlap) if isinstance(self.value, (int, Decimal)) else self.value

    def _moment(self) -> datetime | None:
        """The value as a time, where it is one."""
        if isinstance(self.value, datetime):
            return self.value
        if isinstance(self.value, date):
            return datetime(self.value.year, self.value.month, self.value.day)
        if isinstance(self.value, str):
            try:
                return datetime.fromisoformat(self.value)
            except ValueError:
                return None
        return None

    def _as_given(self, moment: datetime) -> Any:
        """A time in the form that the column's values have."""
        if isinstance(self.value, str):
            return moment.isoformat(sep=self.value[10:11] or " ")
        return moment if isinstance(self.value, datetime) else moment.date()


def utc(ms: int) -> datetime:
    """An aware datetime of ms since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)
