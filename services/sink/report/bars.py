"""Vertical bars, stacked by series; and a Pareto: bars with the line of their running share."""

from collections.abc import Mapping, Sequence

from services.sink.panels.definition import Unit
from services.sink.report import numbers
from services.sink.report.svg import Frame, colours, element, label, tip

Stack = Mapping[str, float]
"""Series -> value."""


def stacked(title: str, bars: Sequence[tuple[str, Stack]], series: Sequence[str], unit: Unit, width: float) -> str:
    """One bar for each (name, stack)."""
    frame = Frame(width, 300 if width > 600 else 240)
    largest = max((sum(stack.values()) for _, stack in bars), default=0)
    marks = numbers.ticks_of(largest, unit)
    parts = frame.grid(marks, marks[-1], [numbers.text(mark, unit) for mark in marks])
    step = frame.inner_width / max(1, len(bars))
    thick = min(48.0, step * 0.82)
    colour = colours(series)
    for index, (name, stack) in enumerate(bars):
        x = frame.left + step * index + (step - thick) / 2
        y = frame.floor
        drawn = []
        for part in series:
            value = stack.get(part, 0)
            if value <= 0:
                continue
            high = frame.inner_height * value / marks[-1]
            y -= high
            drawn.append(element("rect", x=x, y=y, width=thick, height=high, class_=colour[part]))
        lines = [f"{part}: {numbers.text(stack[part], unit)}" for part in reversed(series) if stack.get(part)]
        total = numbers.text(sum(stack.values()), unit)
        # the whole column answers, also where the bar is thin
        hit = element("rect", x=x, y=frame.top, width=thick, height=frame.inner_height, class_="hit")
        heading = f"{name}: {total}"
        drawn.append(element("g", hit, tip(heading, *(lines if len(series) > 1 else ()))))
        parts.append(element("g", *drawn, class_="mark"))
    parts += _names(frame, [name for name, _ in bars], step)
    return frame.svg(title, parts)


def pareto(title: str, bars: Sequence[tuple[str, float]], unit: Unit, width: float) -> str:
    """Bars as they come (largest first), and how much of the whole they add up to."""
    frame = Frame(width, 300, right=40, bottom=78)
    whole = sum(value for _, value in bars) or 1
    marks = numbers.ticks_of(max((value for _, value in bars), default=0), unit)
    parts = frame.grid(marks, marks[-1], [numbers.text(mark, unit) for mark in marks])
    for share in (0, 50, 100):
        y = frame.floor - frame.inner_height * share / 100
        parts.append(label(f"{share} %", frame.width - frame.right + 6, y + 4))
    step = frame.inner_width / max(1, len(bars))
    thick = min(44.0, step * 0.78)
    running, points, drawn = 0.0, [], []
    for index, (name, value) in enumerate(bars):
        x = frame.left + step * index + (step - thick) / 2
        high = frame.inner_height * value / marks[-1]
        running += value
        points.append((x + thick / 2, frame.floor - frame.inner_height * running / whole))
        bar = element("rect", x=x, y=frame.floor - high, width=thick, height=high, class_="c0")
        hit = element("rect", x=x, y=frame.top, width=thick, height=frame.inner_height, class_="hit")
        told = tip(
            f"{name}: {numbers.text(value, unit)}", f"{value / whole:.1%}, with those before {running / whole:.1%}"
        )
        drawn.append(element("g", bar, element("g", hit, told), class_="mark"))
        middle = x + thick / 2
        turned = f"rotate(-40 {middle:.1f} {frame.floor + 14:.1f})"
        short = name.replace("_", " ")
        parts.append(element("g", label(short, middle, frame.floor + 14, "end", limit=17), transform=turned))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts.append(element("polyline", points=line, class_="share"))
    parts += [element("circle", cx=x, cy=y, r=2.5, class_="share-dot") for x, y in points]
    return frame.svg(title, parts + drawn)


def _names(frame: Frame, names: Sequence[str], step: float) -> list[str]:
    """Names below the bars: as many as fit without touching."""
    longest = max((len(name) for name in names), default=1)
    every = max(1, -(-int(longest * 6.6 + 14) // max(1, int(step))))
    return [
        label(name, frame.left + step * (index + 0.5), frame.floor + 18, "middle")
        for index, name in enumerate(names)
        if (len(names) - 1 - index) % every == 0
    ]
