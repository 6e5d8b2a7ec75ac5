"""Guesses how a delimited file is written: delimiter, quoting, and which row is the header."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|", "\x01", "^", "~")
UNQUOTED = ("\t", "|", "\x01")
"""Delimiters that are commonly used without any quoting."""
SAMPLE_LINES = 60
HEADER_WITHIN = 20
"""Exports may begin with a title and a date before the header; further down nobody would look."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are separated."""

    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    skip: int = 0
    """Lines before the first row, e.g. Excel's `sep=;`."""


def guess(sample: str, known: Callable[[str], bool]) -> Dialect:
    """The dialect under which the sample's header names most known columns, then under which rows agree in width.

    >>> guess("Ticket;Date;Status\\n1;2024-01-02;Open\\n", lambda name: name in ("Ticket", "Date", "Status")).delimiter
    ';'
    """
    lines = sample.splitlines(keepends=True)[: SAMPLE_LINES + 1]
    if len(lines) > SAMPLE_LINES:
        lines.pop()  # it may be cut
    first = lines[0].strip() if lines else ""
    if first[:4].lower() == "sep=" and len(first) == 5:
        return Dialect(first[4], skip=1)
    best, best_score = Dialect(), (-1, 0.0, 0)
    for delimiter in DELIMITERS:
        quoting = csv.QUOTE_NONE if _bare(lines, delimiter) else csv.QUOTE_MINIMAL
        score = _score(lines, delimiter, quoting, known)
        if score > best_score:
            best, best_score = Dialect(delimiter, quoting), score
    return best


def header_at(rows: Sequence[Sequence[str]], known: Callable[[str], bool]) -> int:
    """Index of the header among the first rows: where most known columns are named, else the first of full width."""
    counts = [sum(map(known, row)) for row in rows[:HEADER_WITHIN]]
    if counts and max(counts) > 0:
        return counts.index(max(counts))
    widths = [len(row) for row in rows]
    return widths.index(max(widths)) if widths else 0


def _bare(lines: list[str], delimiter: str) -> bool:
    """Whether quotes are mere characters: in files of tabs or bars whose quotes never enclose a field."""
    if delimiter not in UNQUOTED or not any('"' in line for line in lines):
        return False
    d = re.escape(delimiter)
    enclosed = re.compile(rf'(?:^|{d})"(?:[^"]|"")*+"(?:{d}|\r?$)', re.MULTILINE)
    return not enclosed.search("".join(lines))


def _score(lines: list[str], delimiter: str, quoting: int, known: Callable[[str], bool]) -> tuple[int, float, int]:
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, quoting=quoting) if row]  # type: ignore[arg-type]
    except csv.Error:
        return (-1, 0.0, 0)
    if not rows:
        return (-1, 0.0, 0)
    names = max(sum(map(known, row)) for row in rows[:HEADER_WITHIN])
    width, times = Counter(map(len, rows)).most_common(1)[0]
    return (names, times / len(rows) if width > 1 else 0.0, width)
