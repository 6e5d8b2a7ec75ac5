"""Wraps Avro bodies unread into an Avro object container file, which ClickHouse reads itself (FORMAT Avro).

Decoding a wide record in Python costs more than inserting it. A record is the concatenation of its fields, so columns
that the body lacks (topic, partition, offset) are put in front of it, and the schema in the file's header says so.
Every record is a block of its own: a body that is too short or too long cannot shift its neighbours.

Layout: Apache Avro 1.12 specification, "Object Container Files".
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

SYNC: Final = b"complaints-block"
"""16 bytes between blocks. Any will do: blocks carry their length."""
ONE: Final = b"\x02"

STRING: Final = "string"
INT: Final = "int"
LONG: Final = "long"
TIME: Final = {"type": "long", "logicalType": "timestamp-millis"}


def varint(number: int) -> bytes:
    """Avro's zigzag variable-length encoding of int and long.

    >>> varint(0), varint(-1), varint(64)
    (b'\\x00', b'\\x01', b'\\x80\\x01')
    """
    rest = (number << 1) ^ (number >> 63)
    out = bytearray()
    while rest > 0x7F:
        out.append((rest & 0x7F) | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def string(text: str) -> bytes:
    """Avro's encoding of a string."""
    data = text.encode()
    return varint(len(data)) + data


def prefixed(schema: Mapping[str, Any], prefix: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A record schema with fields put in front, without docs."""
    fields = [{"name": name, "type": kind} for name, kind in prefix]
    return {
        "type": "record",
        "name": schema["name"],
        "namespace": schema.get("namespace", ""),
        "fields": fields + [_without_docs(field) for field in schema["fields"]],
    }


def _without_docs(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_docs(value) for key, value in schema.items() if key != "doc"}
    if isinstance(schema, list):
        return [_without_docs(item) for item in schema]
    return schema


def header(schema: Mapping[str, Any]) -> bytes:
    """The file's header: magic, metadata, sync marker."""
    out = b"Obj\x01" + varint(2)
    for name, value in (("avro.schema", json.dumps(schema)), ("avro.codec", "null")):
        out += string(name) + string(value)
    return out + varint(0) + SYNC


def block(record: bytes) -> bytes:
    """One record as a block of its own."""
    return ONE + varint(len(record)) + record + SYNC


def container(head: bytes, blocks: Sequence[bytes]) -> bytes:
    """A whole file."""
    return head + b"".join(blocks)
