"""What readers give: rows and faults of one file, in the file's order, in batches that share their columns."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

BATCH_ROWS = 2_000
MAX_ROW_BYTES = 1_000_000
"""Ingest's limit: a row above it is an oversize fault."""
MAX_FAULT_BYTES = 3_500_000
"""Of a faulty row as many bytes are kept: a dead letter has at most 4 MB."""


class Row(NamedTuple):
    """One record of a source, not yet understood."""

    line: int
    """Where it starts: line of the file, from 1; for formats without lines, the number of the record."""
    raw: bytes
    """The record byte for byte (for binary formats: its JSON)."""
    values: Sequence[Any]
    """One value a column: text, or for typed formats whatever the format holds."""


class Fault(NamedTuple):
    """One record that cannot be read."""

    line: int
    raw: bytes
    reason: str
    """One of DEAD_LETTER_REASONS."""
    detail: str
    """What is wrong, where; never the value."""


class Torn(NamedTuple):
    """The last record of a file that was cut off: it may still be written to."""

    line: int
    raw: bytes


class Batch(NamedTuple):
    """Consecutive records with the same columns."""

    columns: tuple[str, ...]
    records: list[Row | Fault | Torn]


class Reader(Protocol):
    """Reads one opened source. Never raises for bad content: that is a Fault."""

    media_type: str
    """How `Row.raw` is to be read, e.g. "text/csv; charset=utf-8"."""

    def __iter__(self) -> Iterator[Batch]:
        """Batches in the source's order."""
        ...
