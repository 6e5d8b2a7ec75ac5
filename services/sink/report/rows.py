"""Horizontal bars: a row a name, one bar a column; on a logarithmic scale where values span many sizes."""

import math
from collections.abc import Sequence

from services.sink.panels.definition import Unit
from services.sink.report import numbers
from services.sink.report.svg import Frame, colours, element, label, tip


def rows(
    title: str,
    entries: Sequence[tuple[str, Sequence[float]]],
    columns: Sequence[str],
    unit: Unit,
    width: float,
    log: bool = False,
) -> str:
    """One group for each (name, values)."""
    bar = 16 if len(columns) == 1 else 11
    group = bar * len(columns) + 10
    longest = max((len(name) for name, _ in entries), default=4)
    left = min(150.0, longest * 7.0 + 14)
    frame = Frame(width, len(entries) * group + 12, left=left, right=66, top=4, bottom=8)
    scale = _scale([value for _, values in entries for value in values], frame.inner_width, log)
    colour = colours(columns)
    parts = []
    for index, (name, values) in enumerate(entries):
        top = frame.top + index * group
        shown = name.replace("_", " ")
        parts.append(label(shown, frame.left - 8, top + group / 2 + 1, "end", "name", limit=20))
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            if math.isnan(value):
                continue
            start, end = scale(value)
            y = top + 3 + place * bar
            said = numbers.text(value, unit)
            told = f"{shown}: {said}" if len(columns) == 1 else f"{shown}, {column}: {said}"
            thick = max(1.5, abs(end - start))
            x = frame.left + min(start, end)
            mark = element("rect", tip(told), x=x, y=y, width=thick, height=bar - 2, rx=2, class_=colour[column])
            parts.append(element("g", mark, class_="mark"))
            parts.append(label(said, x + thick + 5, y + bar - 4, style="value"))
    return frame.svg(title, parts)


class _scale:  # noqa: N801  (a function with state, used as one)
    """Value -> (start, end) of its bar, in user units from the left edge of the inside."""

    def __init__(self, values: Sequence[float], width: float, log: bool) -> None:
        finite = [value for value in values if not math.isnan(value)]
        self._width = width
        self._log = log and any(value > 0 for value in finite)
        if self._log:
            marks = numbers.log_ticks(min(value for value in finite if value > 0), max(finite))
            self._low, self._high = math.log10(marks[0]) - 0.3, math.log10(marks[-1])
        else:
            self._low, self._high = min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)

    def __call__(self, value: float) -> tuple[float, float]:
        if self._log:
            at = math.log10(value) if value > 0 else self._low
            return 0.0, self._width * max(0.0, at - self._low) / (self._high - self._low or 1)
        span = self._high - self._low or 1
        return self._width * (0 - self._low) / span, self._width * (value - self._low) / span
