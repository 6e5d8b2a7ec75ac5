"""Turns the batches of a reader into complaints, with one understanding for each set of columns."""

from collections.abc import Iterator
from typing import NamedTuple

from services.batch_loader.files.compression import Unreadable
from services.batch_loader.mapping.columns import SAMPLE_ROWS, ColumnMap, guess
from services.batch_loader.mapping.complaints import Complaint, Understanding
from services.batch_loader.mapping.statuses import Statuses
from services.batch_loader.readers import asterisk_cdr, genesys
from services.batch_loader.records import Batch, Fault, Reader, Row, Torn
from services.batch_loader.sources import Source

FIXED = {"asterisk_cdr": asterisk_cdr.COLUMNS, "genesys": genesys.COLUMNS}
"""Column maps of kinds whose columns are known."""


class Joined(NamedTuple):
    """A record that is part of another one's complaint."""


class Ignored(NamedTuple):
    """A record that is no complaint."""

    reason: str
    """One of IGNORED_REASONS."""


Understood = Complaint | Fault | Torn | Joined | Ignored | None
"""What a record is; None: it says nothing (an empty row)."""


class Read(NamedTuple):
    """One record with what it was understood as."""

    record: Row | Fault | Torn
    complaint: Understood


class Interpreter:
    """Understands the records of one reader. day: when its rows are from if they do not say (ms UTC)."""

    def __init__(self, reader: Reader, source: Source, received_at: int, day: int | None = None) -> None:
        self.reader = reader
        self.notes: list[str] = []
        """Doubts about the columns, for a person to settle."""
        self.column_map: ColumnMap | None = None
        """The map of the columns seen last."""
        self._source = source
        self._received_at = received_at
        self._day = day
        self._statuses = Statuses(source.statuses)
        self._known: dict[tuple[str, ...], Understanding] = {}

    def __iter__(self) -> Iterator[list[Read]]:
        """Raises Unreadable where the columns hold nothing that could be a complaint."""
        for batch in self.reader:
            understand = self._known.get(batch.columns) or self._learn(batch)
            yield [
                Read(record, understand(record) if record.__class__ is Row else record)  # type: ignore[arg-type]
                for record in batch.records
            ]

    def _learn(self, batch: Batch) -> Understanding:
        rows = [record.values for record in batch.records[:SAMPLE_ROWS] if isinstance(record, Row)]
        guessed, notes = guess(batch.columns, rows, self._source.date_order)
        given = {r: (n,) if isinstance(n, str) else tuple(n) for r, n in self._source.columns.items()}
        taken = {name for names in given.values() for name in names}
        fixed = FIXED.get(self._source.kind)
        others = guessed.roles if fixed is None else fixed
        roles = {r: n for r, n in others.items() if r not in given and (fixed or not taken.intersection(n))}
        self.column_map = ColumnMap(roles | given, self._source.constants, guessed.order)
        self.notes += [note for note in notes if note not in self.notes]
        timed = {"occurred_at", "generated_at"} & set(self.column_map.positions(batch.columns))
        if rows and not timed and self._day is None:
            raise Unreadable(
                "no column is known to hold the time of a complaint; name it with --column occurred_at=HEADER"
            )
        understanding = Understanding(
            batch.columns, self.column_map, self._source.zone, self._received_at, self._statuses, self._day
        )
        self._known[batch.columns] = understanding
        return understanding
