"""Lines over time."""

from collections.abc import Sequence
from datetime import datetime

from services.sink.panels.definition import Unit
from services.sink.report import numbers
from services.sink.report.svg import Frame, element, label, tip


def lines(
    title: str, points: Sequence[tuple[datetime, Sequence[float]]], columns: Sequence[str], unit: Unit, width: float
) -> str:
    """One line a column."""
    frame = Frame(width, 240, left=58)
    marks = numbers.ticks_of(max((max(values) for _, values in points), default=0), unit)
    parts = frame.grid(marks, marks[-1], [numbers.text(mark, unit) for mark in marks])
    if not points:
        return frame.svg(title, parts)
    first, last = points[0][0].timestamp(), points[-1][0].timestamp()
    span = last - first or 1

    def x_of(moment: datetime) -> float:
        return frame.left + frame.inner_width * (moment.timestamp() - first) / span

    for place, column in enumerate(columns):
        placed = [
            (x_of(moment), frame.floor - frame.inner_height * values[place] / marks[-1], moment, values[place])
            for moment, values in points
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in placed)
        parts.append(element("polyline", points=path, class_=f"line l{place}"))
        parts += [
            element(
                "circle",
                tip(f"{moment:%d %b %H:%M} {column}: {numbers.text(value, unit)}"),
                cx=x,
                cy=y,
                r=3,
                class_=f"c{place}",
            )
            for x, y, moment, value in placed
        ]
    for index in sorted({0, len(points) // 2, len(points) - 1}):
        moment = points[index][0]
        anchor = "start" if index == 0 else "end" if index == len(points) - 1 else "middle"
        parts.append(label(f"{moment:%d %b %H:%M}", x_of(moment), frame.floor + 18, anchor))
    return frame.svg(title, parts)
