"""The Avro contracts: one .avsc a record, every published version kept, ids in ids.json.

ids.json maps a schema id (the four bytes of the Confluent wire format) to a record and its version; it is used where no
schema registry is. The text of each version stands under versions/<Record>/<n>.avsc and never changes.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
NAMESPACE = "ng.beejan.complaints"


@cache
def names() -> tuple[str, ...]:
    """Names of all records that travel on their own, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.avsc")))


@cache
def current(record: str) -> dict[str, Any]:
    """The schema of a record as it stands now, parsed from JSON, docs included."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{record}.avsc").read_text(encoding="utf-8"))
    return loaded


@cache
def ids() -> dict[int, tuple[str, int]]:
    """Schema id -> (record, version), from ids.json."""
    raw = json.loads((FOLDER / "ids.json").read_text(encoding="utf-8"))
    return {int(number): (entry["record"], entry["version"]) for number, entry in raw.items()}


@cache
def version(record: str, number: int) -> dict[str, Any]:
    """The schema of a record as published under a version number."""
    path = FOLDER / "versions" / record / f"{number}.avsc"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def versions(record: str) -> list[int]:
    """Published version numbers of a record, oldest first."""
    return sorted(number for name, number in ids().values() if name == record)


def bare(schema: Any) -> Any:
    """A schema without docs and logical types: what decides compatibility, and what the codec works on.

    >>> bare({"type": "long", "logicalType": "timestamp-millis", "doc": "UTC"})
    {'type': 'long'}
    """
    if isinstance(schema, dict):
        return {key: bare(value) for key, value in schema.items() if key not in ("doc", "logicalType")}
    if isinstance(schema, list):
        return [bare(item) for item in schema]
    return schema
