"""What a run did, file by file, for people."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from services.batch_loader.manifest.store import Counted


@dataclass
class FileResult:
    """What became of one content."""

    name: str
    counted: Counted = field(default_factory=Counted)
    note: str = ""
    refused: bool = False


@dataclass
class Summary:
    """What became of all of them."""

    files: list[FileResult] = field(default_factory=list)

    @property
    def total(self) -> Counted:
        """Sums over all files."""
        total = Counted()
        for result in self.files:
            total += result.counted
        return total

    @property
    def refused(self) -> int:
        """Files that could not be read at all."""
        return sum(result.refused for result in self.files)


COLUMNS = ("rows", "loaded", "known", "updated", "dead", "ignored", "joined")
HEADINGS = ("rows", "loaded", "already loaded", "updated", "dead", "ignored", "joined")


def show(summary: Summary, console: Console) -> None:
    """Print a table on a terminal, and a line a file elsewhere."""
    total = summary.total
    extra = [name for name in COLUMNS[5:] if getattr(total, name)]
    columns = [*COLUMNS[:5], *extra]
    if console.is_terminal:
        table = Table("file", *(HEADINGS[COLUMNS.index(name)] for name in columns), "note")
        for result in summary.files:
            table.add_row(result.name, *(f"{getattr(result.counted, name):,}" for name in columns), result.note)
        if len(summary.files) > 1:
            table.add_row("[bold]all", *(f"{getattr(total, name):,}" for name in columns), "")
        console.print(table)
        return
    for result in summary.files:
        console.print(_line(result.name, result.counted, columns, result.note), markup=False, highlight=False)
    if len(summary.files) != 1:
        console.print(_line("all", total, columns, f"{len(summary.files)} files"), markup=False, highlight=False)


def _line(name: str, counted: Counted, columns: list[str], note: str) -> str:
    counts = ", ".join(f"{HEADINGS[COLUMNS.index(c)]} {getattr(counted, c)}" for c in columns)
    return f"{name}: {counts}" + (f" ({note})" if note else "")
