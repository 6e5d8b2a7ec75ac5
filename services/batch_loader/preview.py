"""What --dry-run shows: how a file was understood, without anything being sent."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TextIO

import sqlalchemy as sa
import yaml
from rich.console import Console
from rich.table import Table

from services.batch_loader.databases.pages import Pages, TableError
from services.batch_loader.databases.tables import connect, key_of, midnight_of, tables_of
from services.batch_loader.files.compression import opened
from services.batch_loader.files.dated import day_in
from services.batch_loader.files.lines import Lines
from services.batch_loader.files.locate import FileRef
from services.batch_loader.interpret import Ignored, Interpreter, Joined, Read, Understood
from services.batch_loader.mapping.columns import ColumnMap
from services.batch_loader.mapping.complaints import Complaint
from services.batch_loader.queue_calls import Calls
from services.batch_loader.queue_reads import QueueReads
from services.batch_loader.readers.formats import reader_of
from services.batch_loader.readers.table_rows import TableReader
from services.batch_loader.records import Fault, Torn
from services.batch_loader.sources import Source

FIRST_ROWS = 5
FIRST_FAULTS = 20
SHOWN = 60
TABLE_ROWS = 500


@dataclass
class Preview:
    """What a file holds."""

    name: str
    media_type: str
    columns: ColumnMap | None = None
    rows: int = 0
    good: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    torn: int = 0
    others: Counter[str] = field(default_factory=Counter)
    earliest: int | None = None
    latest: int | None = None
    statuses: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    first: list[tuple[int, Complaint]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def previews(ref: FileRef, source: Source, now: int) -> Iterator[Preview]:
    """One preview for each stream in the file (a zip may hold several). Raises Unreadable."""
    with ref.open() as raw:
        for member, stream in opened(raw):
            if source.kind == "asterisk_queue_log":
                logs = QueueReads(Lines(stream, source.encoding), Calls(), "", now)
                yield _filled(Preview(ref.name, logs.media_type), logs)
                continue
            day = day_in(member or ref.name, source.zone)
            interpreter = Interpreter(reader_of(stream, source), source, now, day)
            yield _understood(f"{ref.name}:{member}" if member else ref.name, interpreter)


def table_previews(location: str, source: Source, now: int) -> Iterator[Preview]:
    """The first rows of a source's tables. Raises TableError and Unreadable."""
    engine = connect(location)
    try:
        for table, day in tables_of(engine, source.table, source.table_schema, None, None):
            pages = islice(Pages(engine, table, key_of(table, source.key), None, None, TABLE_ROWS), 1)
            reader = TableReader(table.fullname, [c.name for c in table.columns], pages, None)
            interpreter = Interpreter(reader, source, now, midnight_of(day, source.zone))
            yield _understood(f"{table.fullname} (first {TABLE_ROWS} rows)", interpreter)
    except sa.exc.DBAPIError as error:
        raise TableError(f"the database refused: {type(error.orig).__name__}") from error
    finally:
        engine.dispose()


def _understood(name: str, interpreter: Interpreter) -> Preview:
    preview = _filled(Preview(name, interpreter.reader.media_type), interpreter)
    preview.columns, preview.notes = interpreter.column_map, interpreter.notes
    return preview


def _filled(preview: Preview, reads: Iterable[list[Read]]) -> Preview:
    for part in reads:
        for read in part:
            _count(preview, read.record.line, read.complaint)
    return preview


def _count(preview: Preview, line: int, found: Understood) -> None:
    if isinstance(found, Torn):
        preview.torn += 1
        return
    if found is None:
        return
    preview.rows += 1
    if isinstance(found, (Joined, Ignored)):
        preview.others[type(found).__name__.lower()] += 1
        return
    if isinstance(found, Fault):
        preview.dead[found.reason] += 1
        if len(preview.faults) < FIRST_FAULTS:
            preview.faults.append(found)
        return
    preview.good += 1
    preview.earliest = min(preview.earliest or found.occurred_at, found.occurred_at)
    preview.latest = max(preview.latest or found.occurred_at, found.occurred_at)
    status = found.fields.get("source_status")
    if status and len(preview.statuses) < 50:
        preview.statuses[f"{status} → {found.fields.get('status', '?')}"] += 1
    if len(preview.first) < FIRST_ROWS:
        preview.first.append((line, found))


def show(preview: Preview, console: Console, errors: TextIO, values: bool) -> None:
    """Print it. Without `values`, identifiers, names and texts are cut to their first characters."""
    console.print(f"[bold]{preview.name}[/bold]: {preview.media_type}")
    if preview.columns:
        console.print("columns as understood (a map to start from; see docs/batch-loading.md):", highlight=False)
        console.print(map_as_yaml(preview.columns), markup=False, highlight=False)
    table = Table("line", "own id", "time (UTC)", "status", "who", "category", "text", "other fields")
    for line, c in preview.first:
        others = {k: v for k, v in c.fields.items() if k not in ("status", "source_status", "category")}
        table.add_row(
            str(line),
            c.own_id,
            _utc(c.occurred_at),
            c.fields.get("status", c.fields.get("source_status", "")),
            ", ".join(f"{kind} {_shown(value, values, 5)}" for kind, value in c.identifiers),
            _shown(c.fields.get("category", ""), True),
            _shown(c.text, values, 24),
            ", ".join(f"{k}={_shown(v, values or k not in PERSONAL, 2)}" for k, v in others.items()),
        )
    console.print(table)
    if preview.earliest is not None and preview.latest is not None:
        console.print(f"times from {_utc(preview.earliest)} to {_utc(preview.latest)}", highlight=False)
    if preview.statuses:
        shown = ", ".join(f"{name} ({n})" for name, n in preview.statuses.most_common())
        console.print(f"statuses: {shown}", markup=False, highlight=False)
    for note in preview.notes:
        console.print(f"note: {note}", markup=False, highlight=False)
    for fault in preview.faults:
        print(f"{preview.name}: {fault.reason}: {fault.detail}", file=errors)
    dead = sum(preview.dead.values())
    console.print(
        f"{preview.rows} rows: {preview.good} would be loaded, {dead} would be dead"
        + (f" ({', '.join(f'{n} {r}' for r, n in preview.dead.items())})" if dead else "")
        + "".join(f", {n} {name}" for name, n in preview.others.items())
        + (", the last is torn and would be left for the next run" if preview.torn else ""),
        highlight=False,
    )


PERSONAL = frozenset({"customer_name", "agent_name", "address", "latitude", "longitude", "subject", "resolution_note"})


def map_as_yaml(columns: ColumnMap) -> str:
    """The map as the YAML that a source file holds."""
    plain = {r: n[0] if len(n) == 1 else list(n) for r, n in columns.roles.items()}
    out: dict[str, object] = {"date_order": columns.order, "columns": plain}
    if columns.constants:
        out["constants"] = dict(columns.constants)
    return yaml.safe_dump(out, sort_keys=False, allow_unicode=True, width=100).rstrip()


def _utc(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")


def _shown(text: str, whole: bool, keep: int = 4) -> str:
    text = " ".join(text.split())
    if not whole and len(text) > keep:
        return f"{text[:keep]}… ({len(text)})"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
