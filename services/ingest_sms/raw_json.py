"""Finds the bytes of each item of a list inside a JSON document: bronze keeps every message as it was received."""

import json
from collections.abc import Sequence

_DECODER = json.JSONDecoder(strict=False)
_SPACE = " \t\n\r"


def raw_items(body: bytes, path: Sequence[str]) -> list[bytes] | None:
    """The raw bytes of the items of the list at a path of field names; None when there is no such list.

    >>> raw_items(b'{"results": [{"a": 1.0},  {"a":2}], "n": 2}', ["results"])
    [b'{"a": 1.0}', b'{"a":2}']
    """
    try:
        text = body.decode("utf-8-sig")
        start = _skip(text, 0)
        for name in path:
            start = _value_of(text, start, name)
        return [text[begin:end].encode() for begin, end in _items(text, start)]
    except (ValueError, IndexError, RecursionError):
        return None


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _end(text: str, at: int) -> int:
    return _DECODER.raw_decode(text, at)[1]


def _value_of(text: str, at: int, name: str) -> int:
    """Where the value of a field starts; the last one of that name counts, as for every JSON parser in use here."""
    if text[at] != "{":
        raise ValueError
    found = -1
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if key == name:
            found = at
        at = _skip(text, _end(text, at))
        if text[at] == ",":
            at = _skip(text, at + 1)
    if found < 0:
        raise ValueError
    return found


def _items(text: str, at: int) -> list[tuple[int, int]]:
    if text[at] != "[":
        raise ValueError
    spans = []
    at = _skip(text, at + 1)
    while text[at] != "]":
        end = _end(text, at)
        spans.append((at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return spans
