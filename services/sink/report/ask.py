"""Runs the panels' queries for a range of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from services.sink.panels.definition import Panel
from services.sink.panels.macros import expand
from services.sink.warehouse import translated

LAGOS: Final = timezone(timedelta(hours=1), "Africa/Lagos")
"""West Africa Time has no summer time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows of one query; times are Lagos time."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    def column(self, name: str) -> list[Any]:
        """All values of a column."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

    def dicts(self) -> list[dict[str, Any]]:
        """Rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def ask(
    client: Client, panel: Panel, start: datetime, end: datetime, variables: dict[str, str] | None = None
) -> Answer:
    """The answer to a panel's query. WarehouseAway when it cannot be had."""
    chosen = {name: values[0] for name, values in panel.variables.items()} | (variables or {})
    sql = expand(panel.sql, start, end, chosen)
    with translated(f"panel {panel.name}"):
        result = client.query(sql, tz_mode="aware")
        return Answer(tuple(result.column_names), [tuple(map(_lagos, row)) for row in result.result_rows])


def _lagos(value: Any) -> Any:
    return value.astimezone(LAGOS) if isinstance(value, datetime) else value
