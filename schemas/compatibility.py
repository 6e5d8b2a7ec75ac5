"""The rule of evolution: BACKWARD_TRANSITIVE. A reader with the new schema reads what any published version wrote."""

import json
from collections.abc import Sequence
from typing import Any

import avro.compatibility
import avro.schema

import schemas


def faults(reader: dict[str, Any], writers: Sequence[dict[str, Any]]) -> list[str]:
    """Why `reader` cannot read what `writers` (oldest first) wrote; empty when it can read all of it."""
    found = []
    for number, writer in enumerate(writers, start=1):
        result = avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(
            reader=_parsed(reader), writer=_parsed(writer)
        )
        if result.compatibility is not avro.compatibility.SchemaCompatibilityType.compatible:
            found.append(f"cannot read version {number}: {'; '.join(sorted(result.messages))}")
    return found


def check(record: str) -> list[str]:
    """Faults of one record as it stands: not published, or not BACKWARD_TRANSITIVE with what was published."""
    published = schemas.versions(record)
    if not published:
        return [f"{record}: never published (run: python -m schemas publish)"]
    reader = schemas.current(record)
    found = [f"{record}: {fault}" for fault in faults(reader, [schemas.version(record, n) for n in published])]
    if not found and schemas.bare(reader) != schemas.bare(schemas.version(record, published[-1])):
        found.append(f"{record}: changed since version {published[-1]} (run: python -m schemas publish)")
    return found


def _parsed(schema: dict[str, Any]) -> avro.schema.Schema:
    return avro.schema.parse(json.dumps(schemas.bare(schema)))
