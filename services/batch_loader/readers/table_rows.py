"""Rows of a database table as records: the payload is the row as JSON."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from services.batch_loader.records import MAX_FAULT_BYTES, MAX_ROW_BYTES, Batch, Fault, Row


class TableReader:
    """Reads pages of rows. Lines are counted from 1 over one run."""

    def __init__(
        self, table: str, columns: Sequence[str], pages: Iterable[Sequence[Any]], watermark: int | None
    ) -> None:
        self._columns = tuple(columns)
        self._pages = pages
        self._watermark = watermark
        self._ends: deque[tuple[int, Any]] = deque()
        self.media_type = f"application/json; table={table}"

    def __iter__(self) -> Iterator[Batch]:
        line = 0
        for page in self._pages:
            records: list[Row | Fault] = []
            for values in page:
                line += 1
                records.append(record_of(line, self._columns, values))
            if self._watermark is not None and page[-1][self._watermark] is not None:
                self._ends.append((line, page[-1][self._watermark]))
            yield Batch(self._columns, [*records])

    def watermark_at(self, line: int) -> Any:
        """The watermark of the last page that ends by a line; None where none has ended since the last call."""
        found = None
        while self._ends and self._ends[0][0] <= line:
            found = self._ends.popleft()[1]
        return found


def record_of(line: int, columns: tuple[str, ...], values: Sequence[Any]) -> Row | Fault:
    """A row of typed values as a record, its bytes being its JSON."""
    raw = json_of(dict(zip(columns, values, strict=True)))
    if len(raw) > MAX_ROW_BYTES:
        detail = f"row {line} has {len(raw)} bytes; the limit is {MAX_ROW_BYTES}"
        return Fault(line, raw[:MAX_FAULT_BYTES], "oversize", detail)
    return Row(line, raw, values)


def json_of(record: dict[str, Any]) -> bytes:
    """A record as JSON, whatever its values are."""
    try:
        return orjson.dumps(record, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # lone surrogates or huge integers: keep what can be kept
        return orjson.dumps({str(key): _plain(value) for key, value in record.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if value is None or isinstance(value, bool):
        return value
    return str(value).encode("utf-8", "replace").decode()
