"""Hour by weekday: a grid whose cells are as strong as their values."""

from collections.abc import Mapping
from typing import Final

from services.sink.panels.definition import Unit
from services.sink.report import numbers
from services.sink.report.svg import Frame, element, label, tip

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def heatmap(title: str, cells: Mapping[tuple[int, int], float], unit: Unit, width: float) -> str:
    """`cells`: (weekday from 1, hour) -> value."""
    frame = Frame(width, 236, left=40, right=8, top=6, bottom=26)
    wide, high = frame.inner_width / 24, frame.inner_height / 7
    strongest = max(cells.values(), default=0) or 1
    parts = []
    for day, name in enumerate(DAYS, 1):
        y = frame.top + (day - 1) * high
        parts.append(label(name, frame.left - 8, y + high / 2 + 4, "end"))
        for hour in range(24):
            value = cells.get((day, hour), 0)
            told = tip(f"{name} {hour:02}:00-{hour:02}:59: {numbers.text(value, unit)}")
            opacity = f"{0.06 + 0.94 * value / strongest:.2f}" if value else "0.04"
            x = frame.left + hour * wide
            parts.append(
                element(
                    "rect",
                    told,
                    x=x + 1,
                    y=y + 1,
                    width=wide - 2,
                    height=high - 2,
                    rx=2,
                    class_="heat",
                    opacity=opacity,
                )
            )
    parts += [
        label(f"{hour:02}", frame.left + (hour + 0.5) * wide, frame.height - 8, "middle") for hour in range(0, 24, 3)
    ]
    return frame.svg(title, parts)
