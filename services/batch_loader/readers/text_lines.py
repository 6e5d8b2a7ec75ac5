"""Lines of text with fields at fixed columns, or found by a regular expression."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import re2

from services.batch_loader.files.lines import Lines
from services.batch_loader.records import BATCH_ROWS, Batch, Fault, Row, Torn

Split = Callable[[str], Sequence[str] | None]


class LineReader:
    """One record a line. split gives a line's fields, or None where it is no record.

    skip: lines at the top that are no records. A last line that has no end may still be written to: it is torn.
    """

    def __init__(self, lines: Lines, columns: Sequence[str], split: Split, what: str, skip: int = 0) -> None:
        self._lines = lines
        self._columns = tuple(columns)
        self._split = split
        self._what = what
        self._skip = skip
        self.media_type = f"text/plain; charset={lines.encoding.name}"

    def __iter__(self) -> Iterator[Batch]:
        records: list[Row | Fault | Torn] = []
        for line in self._lines:
            if line.number <= self._skip:
                continue
            if line.text is None:
                reason, detail = line.fault or ("malformed", f"line {line.number}")
                records.append(Fault(line.number, line.raw, reason, detail))
            elif text := line.text.rstrip("\r\n"):
                records.append(self._record(line.number, line.raw, text, line.text != text))
            if len(records) >= BATCH_ROWS:
                yield Batch(self._columns, records)
                records = []
        if self._lines.damaged:
            at = self._lines.count + 1
            records.append(Fault(at, b"", "malformed", f"line {at}: {self._lines.damaged}"))
        if records:
            yield Batch(self._columns, records)

    def _record(self, number: int, raw: bytes, text: str, ended: bool) -> Row | Fault | Torn:
        fields = self._split(text)
        if fields is not None:
            return Row(number, raw, fields)
        if not ended:
            return Torn(number, raw)
        return Fault(number, raw, "malformed", f"line {number} {self._what}")


def by_pattern(pattern: str) -> tuple[list[str], Split]:
    """Columns and split of a regular expression with named groups (RE2: it cannot take exponential time).

    Raises ValueError for a pattern that cannot be read or names nothing.

    >>> columns, split = by_pattern(r"(?P<at>[0-9-]+) (?P<text>.*)")
    >>> columns, split("2024-01-02 no network"), split("?")
    (['at', 'text'], ['2024-01-02', 'no network'], None)
    """
    try:
        compiled = re2.compile(pattern)
    except re2.error as error:
        raise ValueError("pattern: this is no regular expression that RE2 reads (it has no look-around)") from error
    names = sorted(compiled.groupindex, key=compiled.groupindex.__getitem__)
    if not names:
        raise ValueError("pattern: name the fields, e.g. (?P<occurred_at>[^|]*)")

    def split(text: str) -> list[str] | None:
        match = compiled.search(text)
        return [match.group(name) or "" for name in names] if match else None

    return names, split


def by_places(places: Mapping[str, tuple[int, int]]) -> tuple[list[str], Split]:
    """Columns and split of fixed columns: name to first and last character, from 1, both included.

    A line must reach the first character of its last field.

    >>> columns, split = by_places({"id": (1, 4), "text": (6, 40)})
    >>> split("0001 no network"), split("0001")
    (['0001', 'no network'], None)
    """
    least = max(first for first, _ in places.values())
    spans = [(first - 1, last) for first, last in places.values()]

    def split(text: str) -> list[str] | None:
        return [text[first:last].strip() for first, last in spans] if len(text) >= least else None

    return list(places), split
