"""JSON lines, JSON arrays and arrays within one object, element by element: memory is bounded by the largest record."""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from services.batch_loader.files.compression import BROKEN
from services.batch_loader.files.encodings import SAMPLE_BYTES, Encoding, detect, named
from services.batch_loader.records import BATCH_ROWS, MAX_FAULT_BYTES, MAX_ROW_BYTES, Batch, Fault, Row, Torn

_BLOCK = 1 << 18
_DECODER = json.JSONDecoder(parse_float=str, parse_constant=str)  # numbers as they were written
_STRING = r'"(?:[^"\\]|\\.)*+"'
_BETWEEN = re.compile(r"[\s,\ufeff]*")
_WRAPPED = re.compile(
    rf'\s*\{{(?:\s*{_STRING}\s*:\s*(?:{_STRING}|[^\[\]{{}},"]++),)*+\s*{_STRING}\s*:\s*\[(?=\s*[\{{\]])'
)
_RESYNC = re.compile(r"\}\s*,\s*(?=\{)|\n\s*(?=\{)")
MAX_DEPTH = 100
"""Nesting that is followed; deeper is kept as text."""

Transform = Callable[[dict[str, Any]], dict[str, Any]]


class JsonReader:
    """Reads objects that follow each other: one a line, in an array, or in the first array of an object.

    transform: makes a flat record of each object; by default nested names are joined by dots.
    """

    media_type = "application/json"

    def __init__(self, stream: BinaryIO, encoding: str | None = None, transform: Transform | None = None) -> None:
        self._stream = stream
        self._sample = self._read(SAMPLE_BYTES)
        found: Encoding = named(encoding, self._sample) if encoding else detect(self._sample)
        self._codec = found.name
        self._errors = "surrogatepass" if found.wide else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(found.name)(self._errors)
        self._sample = self._sample[found.bom :]
        self._transform = transform or flat
        self._text = ""
        self._at = 0
        self._ended = False
        self._damaged = False
        self._number = 0
        self._array = self._wrapped = False

    def __iter__(self) -> Iterator[Batch]:
        self._more()
        opening = _WRAPPED.match(self._text)
        if opening:
            self._at = opening.end()
        self._array = bool(opening)
        self._wrapped = bool(opening)
        columns: tuple[str, ...] | None = None
        records: list[Row | Fault | Torn] = []
        while (found := self._next()) is not None:
            record, names = found
            if records and (len(records) >= BATCH_ROWS or (None not in (names, columns) and names != columns)):
                yield Batch(columns or (), records)
                records, columns = [], None
            columns = names if columns is None else columns
            records.append(record)
        if records:
            yield Batch(columns or (), records)

    def _next(self) -> tuple[Row | Fault | Torn, tuple[str, ...] | None] | None:
        if not self._enter():
            return None
        self._number += 1
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if not self._ended and len(self._text) - self._at <= MAX_ROW_BYTES * 2:
                    self._more()
                    continue
                return self._broken(), None
            if end == len(self._text) and not self._ended and not isinstance(value, (dict, list)):
                self._more()  # a number may go on
                continue
            break
        raw = self._raw(self._at, end)
        self._at = end
        number = self._number
        if len(raw) > MAX_ROW_BYTES:
            detail = f"record {number} has {len(raw)} bytes; the limit is {MAX_ROW_BYTES}"
            return Fault(number, raw[:MAX_FAULT_BYTES], "oversize", detail), None
        if not isinstance(value, dict):
            return Fault(number, raw, "malformed", f"record {number} is no JSON object"), None
        record = self._transform(value)
        return Row(number, raw, tuple(record.values())), tuple(record)

    def _enter(self) -> bool:
        """Go to where the next record begins, into and out of arrays; False at the end."""
        while True:
            match = _BETWEEN.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at == len(self._text):
                if self._ended:
                    return False
                self._more()
            elif self._array and self._text[self._at] == "]":
                if self._wrapped:  # what follows is about the array
                    return False
                self._array = False
                self._at += 1
            elif not self._array and self._text[self._at] == "[":
                self._array = True
                self._at += 1
            else:
                return True

    def _broken(self) -> Fault | Torn:
        """What is not JSON, up to where the next object seems to begin; the end of the file where there is none."""
        number = self._number
        match = _RESYNC.search(self._text, self._at + 1)
        while match is None and not self._ended and len(self._text) - self._at < MAX_FAULT_BYTES:
            self._more()
            match = _RESYNC.search(self._text, self._at + 1)
        end = match.end() if match else len(self._text)
        raw = self._raw(self._at, end)[:MAX_FAULT_BYTES]
        self._at = end
        if match is None and self._ended and not self._damaged and raw.lstrip()[:1] == b"{":
            return Torn(number, raw)
        return Fault(number, raw, "malformed", f"record {number} is no JSON")

    def _raw(self, start: int, end: int) -> bytes:
        return self._text[start:end].encode(self._codec, self._errors)

    def _more(self) -> None:
        block = self._sample or self._read(_BLOCK)
        self._sample = b""
        self._ended = not block
        try:
            decoded = self._decoder.decode(block, final=not block)
        except UnicodeDecodeError:  # half a code unit at the end of UTF-16
            decoded = ""
        self._text = self._text[self._at :] + decoded
        self._at = 0

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size) or b""
        except BROKEN:
            self._damaged = True
            return b""


def flat(value: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Nested objects as one, names joined by dots; lists as JSON text.

    >>> flat({"id": 1, "customer": {"phone": "0803", "tags": ["a"]}})
    {'id': 1, 'customer.phone': '0803', 'customer.tags': '["a"]'}
    """
    out: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict) and item and depth < MAX_DEPTH:
            out.update(flat(item, f"{prefix}{name}.", depth + 1))
        elif isinstance(item, (dict, list)):
            out[prefix + name] = json.dumps(item, ensure_ascii=False) if item else None
        else:
            out[prefix + name] = item
    return out
