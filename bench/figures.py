"""What a benchmark reports, and how it is shown: a table on the terminal, JSON under .local/bench/."""

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

FOLDER: Final = Path(".local/bench")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    `must` is the bound that it has to reach: a least value, or a greatest one where `at_most` is set.
    """

    name: str
    value: float
    unit: str
    must: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the bound is reached; None where there is none."""
        if self.must is None:
            return None
        return self.value <= self.must if self.at_most else self.value >= self.must


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a table and write .local/bench/<title>.json."""
    table = Table("figure", "value", "bound", "", "note", title=title, title_justify="left", box=None)
    for figure in figures:
        bound = "" if figure.must is None else f"{'≤' if figure.at_most else '≥'} {_short(figure.must)}"
        verdict = {None: "", True: "reached", False: "MISSED"}[figure.reached]
        table.add_row(figure.name, f"{_short(figure.value)} {figure.unit}", bound, verdict, figure.note)
    Console().print(table)
    FOLDER.mkdir(parents=True, exist_ok=True)
    document = {
        "title": title,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "figures": [asdict(figure) | {"reached": figure.reached} for figure in figures],
    }
    (FOLDER / f"{title}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
