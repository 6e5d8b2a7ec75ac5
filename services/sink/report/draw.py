"""Turns a panel's answer into drawings for wide and narrow screens, and the table behind them."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.domain.vocabulary import CHANNELS
from services.sink.panels.definition import Kind, Panel
from services.sink.report import bars, heatmap, lines, periods, rows, spans
from services.sink.report.ask import Answer
from services.sink.report.svg import colours

WIDE: Final = 1040.0
HALF: Final = 540.0
NARROW: Final = 380.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """One view of a panel: SVG for a wide and a narrow screen, its legend (name, colour class), and its table."""

    name: str
    wide: str
    narrow: str
    legend: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def drawing(panel: Panel, answer: Answer, name: str = "") -> Drawing:
    """Draw an answer; `name` is the value of the panel's variable, where it has one."""
    by_kind: dict[Kind, Callable[[Panel, Answer, str, float], tuple[str, tuple[tuple[str, str], ...]]]] = {
        Kind.BARS: _bars,
        Kind.ROWS: _rows,
        Kind.PARETO: _pareto,
        Kind.LINES: _lines,
        Kind.HEATMAP: _heatmap,
        Kind.SPANS: _spans,
    }
    draw = by_kind.get(panel.kind)
    wide, narrow = "", ""
    legend: tuple[tuple[str, str], ...] = ()
    if draw is not None and answer.rows:
        wide, legend = draw(panel, answer, name, WIDE if panel.wide else HALF)
        narrow, _ = draw(panel, answer, name, NARROW)
    columns = tuple(column.replace("_", " ") for column in answer.columns)
    table = tuple(tuple(cell(value) for value in row) for row in answer.rows)
    return Drawing(name, wide, narrow, legend, columns, table)


def cell(value: Any) -> str:
    """A value in a table."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:,.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    return "–" if value is None else str(value)


def _number(value: Any) -> float:
    return float(value) if value is not None else math.nan


def _legend(names: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", " "), colour) for name, colour in colours(names).items())


def _bars(panel: Panel, answer: Answer, name: str, width: float) -> tuple[str, tuple[tuple[str, str], ...]]:
    stacks: dict[Any, dict[str, float]] = defaultdict(dict)
    for row in answer.dicts():
        if panel.series:
            stacks[row[panel.x]][row[panel.series]] = _number(row[panel.y[0]])
        else:
            stacks[row[panel.x]] = {column: _number(row[column]) for column in panel.y}
    found = {part for stack in stacks.values() for part in stack}
    series = [part for part in (*CHANNELS, *panel.y) if part in found]
    series += sorted(found - set(series))
    if name in periods.SHOWN:
        axis = periods.axis(name, stacks)
        named = [(periods.name(name, start), stacks.get(start, {})) for start in axis]
    else:
        named = [(_short(key), stack) for key, stack in stacks.items()]
    title = f"{panel.title}, by {name}" if name else panel.title
    return bars.stacked(title, named, series, panel.unit, width), _legend(series) if len(series) > 1 else ()


def _short(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%a %H:00}"
    if isinstance(value, date):
        return f"{value.day} {value:%b}"
    return str(value)


def _rows(panel: Panel, answer: Answer, _name: str, width: float) -> tuple[str, tuple[tuple[str, str], ...]]:
    entries = [(str(row[panel.x]), [_number(row[column]) for column in panel.y]) for row in answer.dicts()]
    drawn = rows.rows(panel.title, entries, panel.y, panel.unit, width, panel.log)
    return drawn, _legend(list(panel.y)) if len(panel.y) > 1 else ()


def _pareto(panel: Panel, answer: Answer, _name: str, width: float) -> tuple[str, tuple[tuple[str, str], ...]]:
    entries = [(str(row[panel.x]), _number(row[panel.y[0]])) for row in answer.dicts()]
    return bars.pareto(panel.title, entries, panel.unit, width), ()


def _lines(panel: Panel, answer: Answer, _name: str, width: float) -> tuple[str, tuple[tuple[str, str], ...]]:
    points = [(row[panel.x], [_number(row[column]) for column in panel.y]) for row in answer.dicts()]
    legend = tuple((column, f"c{index}") for index, column in enumerate(panel.y))
    return lines.lines(panel.title, points, panel.y, panel.unit, width), legend


def _heatmap(panel: Panel, answer: Answer, _name: str, width: float) -> tuple[str, tuple[tuple[str, str], ...]]:
    cells = {(int(row[panel.series]), int(row[panel.x])): _number(row[panel.y[0]]) for row in answer.dicts()}
    return heatmap.heatmap(panel.title, cells, panel.unit, width), ()


def _spans(panel: Panel, answer: Answer, _name: str, width: float) -> tuple[str, tuple[tuple[str, str], ...]]:
    entries = [
        spans.Span(
            str(row[panel.x]),
            row["start"],
            row["end"],
            (
                str(row[panel.x]),
                f"{row['status']}, {row['start']:%d %b %H:%M} to "
                + ("now" if row["status"] != "closed" else f"{row['end']:%d %b %H:%M}"),
                f"{row['customers']} customers in {row['lgas']} areas"
                + (", to be reported to NCC" if row["ncc"] else "")
                + (", compensation due" if row["compensation"] else ""),
            ),
            open=row["status"] != "closed",
            strong=bool(row["ncc"]),
        )
        for row in answer.dicts()
    ]
    legend = (("incident", "c0"), ("to be reported to NCC", "bad"))
    return spans.spans(panel.title, entries, width), legend
