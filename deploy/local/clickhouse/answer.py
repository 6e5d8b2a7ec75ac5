"""Answers: the result of a statement as an HTTP status, headers and a body in one piece or in blocks."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from deploy.local.clickhouse.engine import Stats
from deploy.local.clickhouse.errors import EngineError

_CONTENT_TYPES = {
    "JSON": "application/json; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "CSVWithNamesAndTypes": "text/csv; charset=UTF-8; header=present",
    "XML": "application/xml; charset=UTF-8",
    "HTML": "text/html; charset=UTF-8",
    "SQLInsert": "text/plain; charset=UTF-8",
    "Vertical": "text/plain; charset=UTF-8",
    "Values": "text/plain; charset=UTF-8",
    "Null": "text/plain; charset=UTF-8",
    "Prometheus": "text/plain; version=0.0.4; charset=UTF-8",
}
_BINARY = ("Native", "RowBinary", "Parquet", "ORC", "Arrow", "Avro", "MsgPack", "Protobuf", "CapnProto", "BSON", "Npy")
_IN_BLOCKS = frozenset(
    (
        *("Native", "RowBinary", "MsgPack", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "TSKV", "CSV"),
        *("JSONEachRow", "JSONLines", "NDJSON", "JSONCompactEachRow", "JSONStringsEachRow"),
        *("JSONCompactStringsEachRow", "LineAsString", "RawBLOB"),
    )
)


@dataclass(slots=True)
class Answer:
    """What is sent back. With `blocks`, the body is `body` and then the blocks, made while they are sent."""

    status: int = 200
    body: bytes = b""
    format: str = ""
    stats: Stats = field(default_factory=Stats)
    blocks: Iterator[bytes] | None = None
    exception_code: int = 0
    tag: str = ""
    """Marks an exception inside a body that was begun already."""


def in_blocks(output: str) -> bool:
    """Whether documents of this format, one after another, are one document of it."""
    return output in _IN_BLOCKS


def content_type(output: str) -> str:
    """Content-Type of a format.

    >>> content_type("JSONEachRow"), content_type("Native")
    ('application/x-ndjson; charset=UTF-8', 'application/octet-stream')
    """
    if output in _CONTENT_TYPES:
        return _CONTENT_TYPES[output]
    if output.startswith(_BINARY):
        return "application/octet-stream"
    if output.startswith("JSON"):
        rows = output.endswith(("EachRow", "WithNames", "WithNamesAndTypes", "WithProgress", "Lines"))
        return "application/x-ndjson; charset=UTF-8" if rows else _CONTENT_TYPES["JSON"]
    if output.startswith(("TabSeparated", "TSV")):
        return "text/tab-separated-values; charset=UTF-8"
    return "text/plain; charset=UTF-8"


def failure(error: EngineError, version: str) -> Answer:
    """The answer for a statement that the engine refused before anything was sent."""
    return Answer(error.status, message(error, version), exception_code=error.code)


def message(error: EngineError, version: str) -> bytes:
    """The exception as ClickHouse's server prints it."""
    text = str(error).rstrip()
    suffix = "" if text.endswith(f"(version {version})") else f" (version {version})"
    return (text + suffix + "\n").encode("utf-8", "replace")


def new_tag() -> str:
    """A tag that no result can hold by chance."""
    return secrets.token_hex(8)


def exception_block(error: EngineError, version: str, tag: str) -> bytes:
    """An exception in the middle of a body, framed so that a client can tell it from data (ClickHouse 25.11 on)."""
    text = message(error, version)
    head = f"\r\n__exception__\r\n{tag}\r\n".encode()
    return head + text + f"{len(text)} {tag}\r\n__exception__\r\n".encode()


def summary(stats: Stats) -> str:
    """X-ClickHouse-Summary: figures as strings.

    >>> summary(Stats(read_rows=3))[:18]
    '{"read_rows":"3","'
    """
    figures = {
        "read_rows": stats.read_rows,
        "read_bytes": stats.read_bytes,
        "written_rows": stats.written_rows,
        "written_bytes": stats.written_bytes,
        "total_rows_to_read": stats.read_rows,
        "result_rows": stats.result_rows or stats.written_rows,
        "result_bytes": stats.result_bytes or stats.written_bytes,
        "elapsed_ns": stats.elapsed_ns,
    }
    return json.dumps({name: str(value) for name, value in figures.items()}, separators=(",", ":"))
