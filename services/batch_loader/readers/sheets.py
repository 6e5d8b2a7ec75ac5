"""Excel workbooks, row by row: the payload is the row as JSON."""

import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import openpyxl

from services.batch_loader.files.compression import Unreadable
from services.batch_loader.readers.dialects import HEADER_WITHIN, header_at
from services.batch_loader.readers.table_rows import json_of
from services.batch_loader.records import BATCH_ROWS, MAX_FAULT_BYTES, MAX_ROW_BYTES, Batch, Fault, Row, Torn


class SheetReader:
    """Reads every sheet that has a known header, else the first. Rows are counted through from 1."""

    media_type = "application/json; of=xlsx"

    def __init__(self, stream: BinaryIO, known: Callable[[str], bool]) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        except Exception as error:  # openpyxl raises whatever its XML and zip layers raise
            raise Unreadable("the workbook is damaged, encrypted or not .xlsx") from error
        self._known = known
        self._line = 0
        self._used = False

    def __iter__(self) -> Iterator[Batch]:
        names = list(self._book.sheetnames)
        for number, name in enumerate(names):
            try:
                yield from self._sheet(self._book[name], last=number == len(names) - 1)
            except Unreadable:
                raise
            except Exception:  # as above; what was read before stands
                self._line += 1
                detail = f"row {self._line}: the workbook is damaged from here on"
                yield Batch((), [Fault(self._line, b"", "malformed", detail)])
        self._book.close()

    def _sheet(self, sheet: Any, last: bool) -> Iterator[Batch]:
        if not hasattr(sheet, "iter_rows"):  # a chart
            return
        rows = sheet.iter_rows(values_only=True)
        head = list(islice(rows, HEADER_WITHIN))
        texts = [[str(cell) if cell is not None else "" for cell in row] for row in head]
        filled = [i for i, row in enumerate(texts) if any(cell.strip() for cell in row)]
        if not filled:
            return
        at = filled[header_at([texts[i] for i in filled], self._known)]
        if not any(map(self._known, texts[at])) and (self._used or not last):
            return
        self._used = True
        columns = tuple(cell.strip() for cell in texts[at])
        self._line += at + 1
        records: list[Row | Fault | Torn] = []
        for row in _chain(head[at + 1 :], rows):
            self._line += 1
            if any(cell is not None and cell != "" for cell in row):
                records.append(self._record(columns, row))
            if len(records) >= BATCH_ROWS:
                yield Batch(columns, records)
                records = []
        if records:
            yield Batch(columns, records)

    def _record(self, columns: tuple[str, ...], row: tuple[Any, ...]) -> Row | Fault:
        values = [*row[: len(columns)], *[None] * (len(columns) - len(row))]
        raw = json_of(
            {name or f"column {i + 1}": value for i, (name, value) in enumerate(zip(columns, values, strict=True))}
        )
        if len(raw) > MAX_ROW_BYTES:
            detail = f"row {self._line} has {len(raw)} bytes; the limit is {MAX_ROW_BYTES}"
            return Fault(self._line, raw[:MAX_FAULT_BYTES], "oversize", detail)
        return Row(self._line, raw, values)


def _chain(first: list[tuple[Any, ...]], rest: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    yield from first
    yield from rest
