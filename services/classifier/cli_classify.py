"""`classify`: JSON lines in, JSON lines out, without a broker."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from services.classifier.model import Classification, Classifier, Input
from services.classifier.priority import priority
from services.domain.places import NOWHERE, Gazetteer
from services.domain.vocabulary import CHANNELS

_BATCH = 1000
_EXAMPLE = """\
example:
  echo '{"id": "1", "text": "I was debited but the airtime has not entered"}' | python -m services.classifier classify
"""


def add(commands: Any) -> None:
    """Register the command."""
    command = commands.add_parser(
        "classify",
        help="classify JSON lines",
        description='Reads {"id","text","channel"?,"state"?,"lga"?,"language"?,"source_category"?,"reach"?} a line; '
        "writes its classification a line, in order. A line that cannot be used is named on stderr.",
        epilog=_EXAMPLE,
    )
    command.add_argument("file", nargs="?", type=Path, help="JSON lines; standard input where left out")
    command.add_argument("--model", type=Path, help="model file; the shipped one where left out")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    classifier = Classifier.load(args.model)
    places = Gazetteer.load()
    if args.file is None:
        return classify(sys.stdin.buffer, sys.stdout, sys.stderr, classifier, places)
    try:
        with args.file.open("rb") as lines:
            return classify(lines, sys.stdout, sys.stderr, classifier, places)
    except OSError as fault:
        print(f"{args.file}: cannot be read ({type(fault).__name__})", file=sys.stderr)
        return 1


def classify(
    lines: Iterable[bytes],
    output: TextIO,
    errors: TextIO,
    classifier: Classifier,
    places: Gazetteer,
) -> int:
    """Classify all lines; 1 where some could not be used, else 0."""
    faults = 0
    numbered = enumerate(lines, 1)
    while batch := list(islice(numbered, _BATCH)):
        records = []
        for number, line in batch:
            if not line.strip():
                continue
            record, fault = _record(line)
            if record is None:
                faults += 1
                print(f"line {number}: {fault}", file=errors)
            else:
                records.append(record)
        for document in _documents(records, classifier, places):
            output.write(json.dumps(document, ensure_ascii=False) + "\n")
        output.flush()
    return 1 if faults else 0


def _record(line: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        record = json.loads(line)
    except ValueError:
        return None, "is not JSON in UTF-8"
    if not isinstance(record, dict):
        return None, "is not a JSON object"
    if not isinstance(record.get("text"), str):
        return None, "field text is missing or no string"
    for field in ("channel", "state", "lga", "language", "source_category"):
        if not isinstance(record.get(field), str | None):
            return None, f"field {field} is no string"
    if record.get("channel") not in (None, *CHANNELS):
        return None, f"field channel is none of {', '.join(CHANNELS)}"
    reach = record.get("reach")
    if reach is not None and (not isinstance(reach, int) or isinstance(reach, bool)):
        return None, "field reach is no whole number"
    return record, ""


def _documents(
    records: list[dict[str, Any]],
    classifier: Classifier,
    places: Gazetteer,
) -> Iterator[dict[str, Any]]:
    inputs = [
        Input(
            item["text"],
            channel=item.get("channel"),
            source_category=item.get("source_category"),
            language=item.get("language"),
            state=item.get("state"),
            reach=item.get("reach"),
        )
        for item in records
    ]
    for item, found in zip(records, classifier.classify(inputs), strict=True):
        place = places.resolve(item["text"], item.get("state"), item.get("lga")) if item["text"] else NOWHERE
        yield _document(item.get("id"), found, place.state or item.get("state"), place.lga or item.get("lga"))


def _document(key: Any, found: Classification, state: str | None, lga: str | None) -> dict[str, Any]:
    return {
        "id": key,
        "is_complaint": found.is_complaint,
        "category": found.category,
        "subcategory": found.subcategory,
        "urgency": found.urgency,
        "impact": found.impact,
        "priority": priority(found.impact, found.urgency),
        "risk": found.risk,
        "risk_score": found.risk_score,
        "sentiment": found.sentiment,
        "language": found.language,
        "operator": found.operator,
        "state": state,
        "lga": lga,
        "confidence": found.confidence,
        "needs_review": found.needs_review,
        "reasons": list(found.reasons),
    }
