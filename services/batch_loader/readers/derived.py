"""A reader whose rows are made of another reader's rows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.batch_loader.records import Batch, Reader, Row


class DerivedReader:
    """Gives each row of a reader other values, under other columns; bytes and lines stay."""

    def __init__(
        self, reader: Reader, columns: tuple[str, ...], derive: Callable[[Sequence[Any]], Sequence[Any]]
    ) -> None:
        self._reader = reader
        self._columns = columns
        self._derive = derive
        self.media_type = reader.media_type

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._reader:
            records = [
                Row(record.line, record.raw, self._derive(record.values)) if isinstance(record, Row) else record
                for record in batch.records
            ]
            yield Batch(self._columns, records)
