"""Spans of time, one a row: incidents from start to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.sink.report.svg import Frame, element, label, tip


@dataclass(frozen=True, slots=True)
class Span:
    """One row: open means that the end is not known yet, strong that it is of the serious kind."""

    name: str
    start: datetime
    end: datetime
    told: tuple[str, ...]
    open: bool
    strong: bool


def spans(title: str, entries: Sequence[Span], width: float) -> str:
    """Rows in the given order, on one axis of time."""
    row = 26
    left = 190.0 if width > 600 else 130.0
    frame = Frame(width, len(entries) * row + 34, left=left, right=14, top=4, bottom=28)
    if not entries:
        return frame.svg(title, [label("no incidents", width / 2, 24, "middle")])
    first = min(entry.start for entry in entries).timestamp()
    last = max(entry.end for entry in entries).timestamp()
    margin = max(60.0, (last - first) * 0.03)
    first, last = first - margin, last + margin

    def x_of(moment: datetime) -> float:
        return frame.left + frame.inner_width * (moment.timestamp() - first) / (last - first)

    parts = []
    for index, entry in enumerate(entries):
        y = frame.top + index * row
        parts.append(label(entry.name, frame.left - 8, y + 17, "end", "name", limit=30 if width > 600 else 20))
        parts.append(element("line", x1=frame.left, x2=width - frame.right, y1=y + row, y2=y + row, class_="grid"))
        x, end = x_of(entry.start), x_of(entry.end)
        style = ("bad" if entry.strong else "c0") + (" open" if entry.open else "")
        bar = element("rect", tip(*entry.told), x=x, y=y + 6, width=max(4.0, end - x), height=14, rx=4, class_=style)
        parts.append(element("g", bar, class_="mark"))
    ends = (
        (min(entry.start for entry in entries), "start"),
        (max(entry.end for entry in entries), "end"),
    )
    parts += [label(f"{moment:%d %b %H:%M}", x_of(moment), frame.height - 8, anchor) for moment, anchor in ends]
    return frame.svg(title, parts)
