"""Puts the whole report together: one HTML document that needs nothing else."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.sink.panels import SECTIONS
from services.sink.panels.definition import Kind, Panel
from services.sink.report import numbers
from services.sink.report.ask import LAGOS, Answer, ask
from services.sink.report.draw import Drawing, drawing

BEGINNING: Final = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the strip on top."""

    name: str
    value: str
    good: bool | None
    """None where no limit is set."""


@dataclass(slots=True)
class Card:
    """One panel as the template shows it."""

    panel: Panel
    drawings: list[Drawing] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """Cards under one heading."""

    title: str
    cards: list[Card]

    @property
    def anchor(self) -> str:
        """Name for links."""
        return self.title.lower().replace(" ", "-")


def sections(
    client: Client, start: datetime, end: datetime, told: Callable[[str], None] = lambda _: None
) -> list[Section]:
    """Ask and draw every panel. `told` hears each panel's name before it is asked."""
    out = []
    for title, panels in SECTIONS.items():
        cards = []
        for panel in panels:
            told(panel.name)
            cards.append(_card(client, panel, start, end))
        out.append(Section(title, cards))
    return out


def _card(client: Client, panel: Panel, start: datetime, end: datetime) -> Card:
    if panel.kind is Kind.STAT:
        return Card(panel, figures=figures(panel, ask(client, panel, start, end)))
    if not panel.variables:
        return Card(panel, [drawing(panel, ask(client, panel, start, end))])
    [(variable, values)] = panel.variables.items()
    return Card(panel, [drawing(panel, ask(client, panel, start, end, {variable: value}), value) for value in values])


def figures(panel: Panel, answer: Answer) -> list[Figure]:
    """The figures of a STAT panel; a dash where there is nothing to count."""
    row: dict[str, Any] = answer.dicts()[0] if answer.rows else {}
    out = []
    for column in panel.y:
        found = row.get(column)
        value = math.nan if found is None else float(found)
        good = value <= panel.good[column] if column in panel.good and not math.isnan(value) else None
        out.append(Figure(column, numbers.text(value, panel.unit), good))
    return out


def render(
    client: Client,
    *,
    now: datetime,
    start: datetime = BEGINNING,
    refresh_seconds: int = 0,
    told: Callable[[str], None] = lambda _: None,
) -> str:
    """The document. With `refresh_seconds` it loads itself anew. WarehouseAway when the figures cannot be had."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawn"] = Markup  # our own SVG, escaped where it was built
    drawn = sections(client, start, now, told)
    return environment.get_template("template.html").render(
        sections=drawn,
        now=f"{now.astimezone(LAGOS):%A %d %B %Y, %H:%M} Lagos time",
        since=None if start <= BEGINNING else f"{start.astimezone(LAGOS):%d %B %Y}",
        refresh_seconds=refresh_seconds,
        kinds=Kind,
    )
