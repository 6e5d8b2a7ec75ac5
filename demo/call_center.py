"""Call-centre exports: the written templates become the files that agents would send, as of now and as of later."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from demo.messages import DATA
from demo.moments import lagos, moment
from services.runtime.errors import PipelineError

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")


@dataclass(frozen=True, slots=True)
class Export:
    """One branch's export and the quirks of the program that wrote it."""

    file: str
    encoding: str
    delimiter: str
    ticket: str
    """The column with the ticket's number."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Tickets whose row no reader can understand, with the reason for which it must go to dead letters."""
    reposts: tuple[str, ...] = ()
    """Tickets into which an agent pasted what the same customer had written by SMS."""


EXPORTS = (
    Export(
        "lagos.csv",
        "utf-8-sig",
        ",",
        "call ID",
        broken={"LAG-40500": "bad_timestamp", "LAG-40501": "bad_timestamp"},
        reposts=("LAG-40503",),
    ),
    Export("kano.csv", "cp1252", ";", "Ticket No."),
    Export("enugu.tsv", "utf-16", "\t", "Ref"),
)


def template(export: Export) -> str:
    """The export as it is written down, with its placeholders."""
    return (DATA / "call_center" / export.file).read_bytes().decode()


def render(text: str, now: int, *, later: bool) -> str:
    """The template with times filled in; later: with the values that have changed since.

    >>> render("{{Backlog > Resolved}},{{-1d 10:05 | %H.%M}}", 1_767_265_200_000, later=True)
    'Resolved,10.05'
    """

    def fill(match: re.Match[str]) -> str:
        before, changes, after = match[1].partition(" > ")
        if changes:
            return after if later else before
        at, bar, form = match[1].partition(" | ")
        if not bar:
            raise PipelineError(f"demo/data/call_center: {match[1]!r} is neither a time nor a change")
        return lagos(moment(at, now)).strftime(form)

    rendered = _PLACEHOLDER.sub(fill, text)
    # a change may hold times: the inner placeholders go first
    return rendered if rendered == text else render(rendered, now, later=later)


def write(folder: Path, now: int, *, later: bool) -> None:
    """Write all exports into a folder, each in its own encoding."""
    folder.mkdir(parents=True, exist_ok=True)
    for export in EXPORTS:
        (folder / export.file).write_bytes(render(template(export), now, later=later).encode(export.encoding))


@dataclass(frozen=True, slots=True)
class Contents:
    """What both loads of one branch must find, in rows."""

    accepted: int
    """Complaints in the first export."""
    added: int
    """Complaints that only the later export holds whole."""
    revised: int
    """Complaints that the later export shows in another state."""
    dead: tuple[str, ...]
    """The reason of each row that cannot be understood."""


def contents(export: Export, now: int) -> Contents:
    """Compare the two exports of a branch, ticket by ticket; a torn last line counts as not yet there."""
    first, second = (_tickets(export, now, later=later) for later in (False, True))
    whole = first.keys() - export.broken.keys()
    return Contents(
        accepted=len(whole),
        added=len(second.keys() - first.keys()),
        revised=sum(first[ticket] != second[ticket] for ticket in whole),
        dead=tuple(export.broken[ticket] for ticket in first if ticket in export.broken),
    )


def _tickets(export: Export, now: int, *, later: bool) -> dict[str, list[str]]:
    text = render(template(export), now, later=later)
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=export.delimiter)
    place = header.index(export.ticket)
    return {row[place]: row for row in rows if len(row) == len(header)}
