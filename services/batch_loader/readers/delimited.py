"""CSV, TSV and their kin: every row with its bytes and its line, and no row lost to a stray quote.

The csv module reads blocks of lines at once. Where a block holds a field with line breaks, or a quote that nobody
closed, its rows are read one by one: a row of several lines must be well-formed and as wide as the header, else its
first line is a fault and reading goes on with the second, so that one bad line costs one line.
"""

import csv
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from inspect import GEN_CLOSED, getgeneratorstate
from io import StringIO
from operator import itemgetter

from services.batch_loader.files.lines import Block, Line, Lines
from services.batch_loader.readers.dialects import HEADER_WITHIN, Dialect, guess, header_at
from services.batch_loader.records import MAX_ROW_BYTES, Batch, Fault, Row, Torn

MAX_ROW_LINES = 2_000
_SENTINEL = "\x00end\x00"
_ENDS = (b"\n", b"\n\x00", b"\n\x00\x00\x00")
_FIRST = itemgetter(0)
csv.field_size_limit(MAX_ROW_BYTES)


class DelimitedReader:
    """Reads delimited text. Without `columns` the header is looked for within the first rows.

    known: says whether a header cell is a column that somebody knows; it finds header and delimiter.
    least: fields that a row must have; by default as many as there are columns.
    """

    def __init__(
        self,
        lines: Lines,
        known: Callable[[str], bool] = bool,
        columns: Sequence[str] | None = None,
        least: int | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        self._lines = lines
        self._blocks = lines.blocks()
        self._queue: deque[Line] = deque()
        self._known = known
        self._dialect = dialect or guess(lines.sample, known)
        self._columns: tuple[str, ...] = tuple(columns or ())
        self._least = least
        subtype = "tab-separated-values" if self._dialect.delimiter == "\t" else "csv"
        self.media_type = f"text/{subtype}; charset={lines.encoding.name}"

    def __iter__(self) -> Iterator[Batch]:
        for _ in range(self._dialect.skip):
            self._take()
        if not self._columns:
            self._find_header()
        while True:
            if not self._queue:
                block = next(self._blocks, None)
                if block is None:
                    break
                if (records := self._whole(block)) is not None:
                    yield Batch(self._columns, records)
                    continue
                self._queue.extend(self._lines.lines_of(block))
            yield Batch(self._columns, self._one_by_one())
        if self._lines.damaged:
            line = self._lines.count + 1
            yield Batch(self._columns, [Fault(line, b"", "malformed", f"line {line}: {self._lines.damaged}")])

    def _find_header(self) -> None:
        self._fill(HEADER_WITHIN)
        head = [line for line in self._queue if line.text]
        rows = [(line, row) for line in head for row in self._parse_quietly(line.text or "")]
        pairs = [(line, row) for line, row in rows if any(map(str.strip, row))]
        if not pairs:
            return
        line, row = pairs[header_at([row for _, row in pairs], self._known)]
        while self._queue and self._queue[0].number <= line.number:
            self._queue.popleft()
        self._columns = tuple(cell.strip() for cell in row)

    def _fill(self, count: int) -> int:
        """Open blocks until so many lines are queued; how many there are."""
        while len(self._queue) < count and (block := next(self._blocks, None)) is not None:
            self._queue.extend(self._lines.lines_of(block))
        return len(self._queue)

    def _take(self) -> Line | None:
        return self._queue.popleft() if self._fill(1) else None

    def _parse(self, texts: Sequence[str], strict: bool = False) -> list[list[str]]:
        d = self._dialect
        return list(csv.reader(texts, delimiter=d.delimiter, quoting=d.quoting, strict=strict))  # type: ignore[arg-type]

    def _whole(self, block: Block) -> list[Row | Fault | Torn] | None:
        """All rows of a block at once; None where they are not one row a line, each as wide as the header."""
        if block.text is None or not self._columns or not block.raws[-1].endswith(_ENDS):
            return None
        d = self._dialect
        text = StringIO(block.text + _SENTINEL, newline="\n")  # only there may lines end
        try:
            rows = list(csv.reader(text, delimiter=d.delimiter, quoting=d.quoting))  # type: ignore[arg-type]
        except csv.Error:
            return None
        if rows.pop() != [_SENTINEL] or len(rows) != len(block.raws):
            return None
        if set(map(len, rows)) != {len(self._columns)}:
            return None
        records: list[Row | Fault | Torn] = list(map(Row, range(block.first, self._lines.count + 1), block.raws, rows))
        if not all(map(_FIRST, rows)):
            records = [r for r, row in zip(records, rows, strict=True) if row[0] or any(map(str.strip, row))]
        return records

    def _one_by_one(self) -> list[Row | Fault | Torn]:
        """All rows that begin in a queued line."""
        out = []
        for _ in range(len(self._queue)):
            line = self._queue.popleft() if self._queue else None
            if line is None:
                break
            if (record := self._next_record(line)) is not None:
                out.append(record)
        return out

    def _next_record(self, first: Line) -> Row | Fault | Torn | None:
        if first.text is None:
            reason, detail = first.fault or ("malformed", f"line {first.number}")
            return Fault(first.number, first.raw, reason, detail)
        used, closed = self._gather(first)
        if len(used) == 1 and closed:
            try:
                return self._row(first, first.raw, self._parse([first.text])[0])
            except csv.Error:
                return Fault(first.number, first.raw, "malformed", f"line {first.number} is no delimited row")
        raw = b"".join(line.raw for line in used)
        if closed:
            try:
                rows = self._parse([line.text or "" for line in used], strict=True)
            except csv.Error:
                rows = []
            if len(rows) == 1 and self._fits(rows[0]):
                return self._row(first, raw, rows[0])
        elif not self._fill(1) and not self._stands_alone(used):
            return Torn(first.number, raw)
        self._queue.extendleft(reversed(used[1:]))
        return Fault(first.number, first.raw, "malformed", f"line {first.number}: a quote is opened and not closed")

    def _gather(self, first: Line) -> tuple[list[Line], bool]:
        """The lines of the row that begins with `first`, and whether it ends within the limits."""
        used: list[Line] = []
        closed = False

        def feed() -> Generator[str, None, None]:
            line: Line | None = first
            size = 0
            while line is not None:
                used.append(line)
                yield line.text or ""
                size += len(line.raw)
                if size > MAX_ROW_BYTES or len(used) >= MAX_ROW_LINES:
                    return
                line = self._take()
                if line is not None and line.text is None:
                    self._queue.appendleft(line)
                    return

        source = feed()
        try:
            rows = csv.reader(source, delimiter=self._dialect.delimiter, quoting=self._dialect.quoting)  # type: ignore[arg-type]
            next(rows, None)
            closed = getgeneratorstate(source) != GEN_CLOSED  # still waiting: the row ended before the lines did
        except csv.Error:
            closed = len(used) == 1
        return used, closed

    def _stands_alone(self, used: list[Line]) -> bool:
        """Whether what an open quote swallowed is made of whole rows: then the quote is a fault, no torn end."""
        return len(used) > 1 and any(
            len(row) == len(self._columns) for line in used[1:3] for row in self._parse_quietly(line.text or "")
        )

    def _parse_quietly(self, text: str) -> list[list[str]]:
        try:
            return self._parse([text])
        except csv.Error:
            return []

    def _fits(self, row: list[str]) -> bool:
        return (self._least or len(self._columns)) <= len(row) <= len(self._columns)

    def _row(self, line: Line, raw: bytes, row: list[str]) -> Row | Fault | Torn | None:
        width = len(self._columns)
        if not (row and row[0].strip()) and not any(map(str.strip, row)):
            return None
        if len(row) == width:
            return Row(line.number, raw, row)
        if len(row) > width and not any(map(str.strip, row[width:])):
            return Row(line.number, raw, row[:width])
        if self._fits(row):
            return Row(line.number, raw, row + [""] * (width - len(row)))
        if len(row) < width and not raw.endswith((b"\n", b"\r", b"\n\x00", b"\r\x00")) and not self._fill(1):
            return Torn(line.number, raw)
        detail = f"line {line.number} has {len(row)} fields where the header names {width}"
        return Fault(line.number, raw, "malformed", detail)
