"""Parquet files, in record batches: the payload is the row as JSON."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from services.batch_loader.files.compression import Unreadable
from services.batch_loader.readers.table_rows import record_of
from services.batch_loader.records import BATCH_ROWS, Batch, Fault, Row, Torn

_FAILS = (pa.ArrowException, OSError, ValueError, OverflowError)


class ParquetReader:
    """Reads a Parquet file from a seekable stream. Rows are counted from 1."""

    media_type = "application/json; of=parquet"

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._file = pq.ParquetFile(stream, pre_buffer=False)
        except _FAILS as error:
            raise Unreadable("the Parquet file is damaged: its footer cannot be read") from error

    def __iter__(self) -> Iterator[Batch]:
        columns = tuple(self._file.schema_arrow.names)
        line = 0
        try:
            for part in self._file.iter_batches(batch_size=BATCH_ROWS):
                records: list[Row | Fault | Torn] = []
                for values in zip(*(column.to_pylist() for column in part.columns), strict=True):
                    line += 1
                    records.append(record_of(line, columns, values))
                yield Batch(columns, records)
        except _FAILS:
            line += 1
            detail = f"row {line}: the Parquet file is damaged from here on"
            yield Batch(columns, [Fault(line, b"", "malformed", detail)])
