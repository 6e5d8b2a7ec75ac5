"""Reads the first fields of a gold event's Avro body without decoding the rest: channel and occurred_at, for counts.

Only for schemas that begin as GoldEvent does today; others are decoded whole.
"""

from collections.abc import Mapping
from typing import Any, Final

_LEADING: Final = (
    ("event_id", "string"),
    ("complaint_id", "string"),
    ("revision_no", "int"),
    ("revised_at", "long"),
    ("generation", "int"),
    ("action", "string"),
    ("channel", "string"),
    ("source", "string"),
    ("lane", "string"),
    ("customer_key", ["null", "string"]),
    ("mentioned_keys", {"type": "array", "items": "string"}),
    ("occurred_at", "long"),
)


def fits(bare_schema: Mapping[str, Any]) -> bool:
    """Whether a schema (without docs and logical types) begins with the fields that `channel_and_time` expects."""
    fields = bare_schema["fields"][: len(_LEADING)]
    return [(field["name"], _plain(field["type"])) for field in fields] == list(_LEADING)


def _plain(kind: Any) -> Any:
    return kind["type"] if isinstance(kind, dict) and set(kind) == {"type"} else kind


def channel_and_time(body: bytes) -> tuple[str, int]:
    """(channel, occurred_at in ms UTC) of a body. IndexError or ValueError when the bytes end early or are no body."""
    at = _skip_string(body, _skip_string(body, 0))
    for _ in range(3):
        _, at = _number(body, at)
    at = _skip_string(body, at)
    size, at = _number(body, at)
    channel = body[at : at + size].decode("ascii")
    at = _skip_string(body, _skip_string(body, at + size))
    branch, at = _number(body, at)
    if branch:
        at = _skip_string(body, at)
    count, at = _number(body, at)
    while count:
        if count < 0:  # a block that says its size in bytes
            _, at = _number(body, at)
            count = -count
        for _ in range(count):
            at = _skip_string(body, at)
        count, at = _number(body, at)
    occurred_at, _ = _number(body, at)
    return channel, occurred_at


def _number(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    at += 1
    result = byte & 0x7F
    shift = 7
    while byte & 0x80:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        shift += 7
    return (result >> 1) ^ -(result & 1), at


def _skip_string(data: bytes, at: int) -> int:
    size, at = _number(data, at)
    if size < 0 or at + size > len(data):
        raise ValueError("a string ends behind the body")
    return at + size
