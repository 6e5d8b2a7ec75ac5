"""Labelled texts: the shipped files and an operator's own exports (TSV, CSV or JSON lines)."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from services.domain.vocabulary import CATEGORIES, LEVELS
from services.runtime.errors import PipelineError

NONE: Final = "none"
"""Label of a message that is no complaint; its category is `other`."""
LABELS: Final = (*CATEGORIES, NONE)
_TRUE: Final = frozenset(("1", "true", "yes", "y"))
_FALSE: Final = frozenset(("0", "false", "no", "n"))


class DataError(PipelineError):
    """A labelled file cannot be read as such."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; None where a file does not say."""

    text: str
    label: str
    urgency: str | None = None
    impact: str | None = None
    language: str | None = None

    @property
    def is_complaint(self) -> bool:
        """Whether the text is a complaint."""
        return self.label != NONE

    @property
    def category(self) -> str:
        """Category as the pipeline reports it."""
        return self.label if self.is_complaint else "other"


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that could not be used."""

    line: int
    reason: str


def shipped(name: str) -> list[Example]:
    """Examples of a shipped file: `hand`, `composed` or `test`."""
    text = files("services.classifier.data").joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    examples, faults = parse(_delimited(text.splitlines(), "\t"))
    if faults:
        raise DataError(f"{name}.tsv: line {faults[0].line}: {faults[0].reason}")
    return examples


def read(path: Path) -> tuple[list[Example], list[Fault]]:
    """Examples and unusable lines of a file: JSON lines (.jsonl, .json), CSV (.csv) or TSV (anything else).

    Columns: text; category or label; is_complaint, urgency, impact and language where known.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as fault:
        raise DataError(f"{path}: cannot be read ({type(fault).__name__})") from fault
    except UnicodeDecodeError as fault:
        raise DataError(f"{path}: is not UTF-8: save it as UTF-8 and try again") from fault
    if path.suffix in (".jsonl", ".json"):
        return parse(_json_lines(lines))
    return parse(_delimited(lines, "," if path.suffix == ".csv" else "\t"))


def parse(rows: Iterable[tuple[int, Mapping[str, Any] | None]]) -> tuple[list[Example], list[Fault]]:
    """Examples of numbered rows, and the rows that are none."""
    examples: list[Example] = []
    faults: list[Fault] = []
    for line, row in rows:
        found = "not a record" if row is None else _example(row)
        if isinstance(found, Example):
            examples.append(found)
        else:
            faults.append(Fault(line, found))
    return examples, faults


def _example(row: Mapping[str, Any]) -> Example | str:
    text = str(row.get("text") or "").strip()
    if not text:
        return "no text"
    label = str(row.get("label") or row.get("category") or "").strip()
    flag = str(row.get("is_complaint", "")).strip().lower()
    if flag in _FALSE:
        label = NONE
    elif flag not in _TRUE and flag not in ("", "none"):
        return "is_complaint is neither true nor false"
    if label not in LABELS:
        return "category is none of the thirteen"
    levels = []
    for field in ("urgency", "impact"):
        level = str(row.get(field) or "").strip().lower() or None
        if level is not None and level not in LEVELS:
            return f"{field} is neither high, medium nor low"
        levels.append(level)
    return Example(text, label, levels[0], levels[1], str(row.get("language") or "").strip() or None)


def _delimited(lines: list[str], delimiter: str) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not numbered:
        return
    text = (line + "\n" for _, line in numbered)
    if delimiter == ",":
        reader = csv.DictReader(text)
    else:
        reader = csv.DictReader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    for row in reader:
        yield numbered[min(reader.line_num, len(numbered)) - 1][0], row


def _json_lines(lines: list[str]) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        yield number, row if isinstance(row, dict) else None


def write(path: Path, examples: Iterable[Example], notes: Iterable[str]) -> None:
    """Write examples as TSV, `notes` as comment lines before the header."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"# {note}\n" for note in notes)
        file.write("label\turgency\timpact\tlanguage\ttext\n")
        for item in examples:
            text = " ".join(item.text.split())
            file.write(f"{item.label}\t{item.urgency}\t{item.impact}\t{item.language}\t{text}\n")
