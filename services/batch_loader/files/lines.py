"""Physical lines of a file, each with its bytes, whatever the encoding and the line end."""

from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from services.batch_loader.files.compression import BROKEN
from services.batch_loader.files.encodings import SAMPLE_BYTES, Encoding, detect, named
from services.batch_loader.records import MAX_FAULT_BYTES, MAX_ROW_BYTES

_BLOCK = 1 << 18


class Line(NamedTuple):
    """One line. `text` holds the line end; None where the bytes are not text, with `fault` saying why."""

    number: int
    raw: bytes
    text: str | None
    fault: tuple[str, str] | None


class Block(NamedTuple):
    """Consecutive lines."""

    first: int
    """Number of the first."""
    raws: list[bytes]
    text: str | None
    """All of them as text; None where a line is too long or is no text."""


class Lines:
    """Iterates over the lines of a stream; memory is bounded by the longest row that is allowed.

    >>> import io
    >>> [line.raw for line in Lines(io.BytesIO(b"a,b" + bytes([13, 10]) + b"c"))]
    [b'a,b\\r\\n', b'c']
    """

    def __init__(self, stream: BinaryIO, encoding: str | None = None) -> None:
        self._sample = _read(stream, SAMPLE_BYTES)
        self._stream = stream
        self.encoding: Encoding = named(encoding, self._sample) if encoding else detect(self._sample)
        self.count = 0
        """Lines given so far."""
        self.damaged: str | None = None
        """Set when the stream broke off, e.g. a cut gzip file: what was read before is good."""

    @property
    def sample(self) -> str:
        """The beginning of the text, to guess a dialect from."""
        return self._sample[self.encoding.bom :].decode(self.encoding.name, "replace")

    def __iter__(self) -> Iterator[Line]:
        for block in self.blocks():
            yield from self.lines_of(block)

    def blocks(self) -> Iterator[Block]:
        """The same in blocks of whole lines."""
        newline, width = self._ends()
        name = self.encoding.name
        for raws in self._raw_blocks(newline, width):
            first = self.count + 1
            self.count += len(raws)
            text = None
            if max(map(len, raws)) <= MAX_ROW_BYTES:
                with suppress(UnicodeDecodeError):
                    text = b"".join(raws).decode(name)
            yield Block(first, raws, text)

    def lines_of(self, block: Block) -> Iterator[Line]:
        """The lines of a block, each decoded on its own."""
        for number, raw in enumerate(block.raws, block.first):
            if len(raw) > MAX_ROW_BYTES:
                detail = f"line {number} has {len(raw)} bytes or more; the limit is {MAX_ROW_BYTES}"
                yield Line(number, raw[:MAX_FAULT_BYTES], None, ("oversize", detail))
                continue
            text = self._decode(raw)
            if text is None:
                detail = f"line {number} is not {self.encoding.name} text"
                yield Line(number, raw, None, ("bad_text", detail))
            else:
                yield Line(number, raw, text, None)

    def _ends(self) -> tuple[bytes, int]:
        """The bytes of a line end, and the width they must be aligned to. Old Macintosh files end lines with CR."""
        name = self.encoding.name
        width = len("\n".encode(name)) if self.encoding.wide else 1
        feed, carriage = ("\n".encode(name), "\r".encode(name)) if width > 1 else (b"\n", b"\r")
        body = self._sample
        return (carriage if feed not in body and carriage in body else feed), width

    def _raw_blocks(self, newline: bytes, width: int) -> Iterator[list[bytes]]:
        rest = self._sample[self.encoding.bom :]
        self._sample = self._sample[: min(len(self._sample), 65_536)]
        dropping = False
        while True:
            parts = rest.split(newline) if width == 1 else _aligned(rest, newline, width)
            rest = parts.pop()
            if parts and dropping:
                dropping = False
                del parts[0]
            if parts:
                yield [part + newline for part in parts]
            if len(rest) > MAX_FAULT_BYTES:
                if not dropping:
                    yield [rest]
                dropping, rest = True, b""
            block = self._more()
            if not block:
                break
            rest = rest + block if rest else block
        if rest and not dropping:
            yield [rest]

    def _more(self) -> bytes:
        try:
            return self._stream.read(_BLOCK)
        except BROKEN:
            self.damaged = "the compressed data breaks off or is damaged"
            return b""

    def _decode(self, raw: bytes) -> str | None:
        try:
            return raw.decode(self.encoding.name)
        except UnicodeDecodeError:
            if self.encoding.fallback is None:
                return None
        try:
            return raw.decode(self.encoding.fallback)
        except UnicodeDecodeError:
            return None


def _read(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0:
        try:
            part = stream.read(size)
        except BROKEN:
            break
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _aligned(data: bytes, newline: bytes, width: int) -> list[bytes]:
    """Split where the newline stands on a code unit's border: U+0A0D in UTF-16 must not break a line."""
    parts, start, at = [], 0, data.find(newline)
    while at >= 0:
        if at % width == 0:
            parts.append(data[start:at])
            start = at + len(newline)
            at = data.find(newline, start)
        else:
            at = data.find(newline, at + 1)
    parts.append(data[start:])
    return parts
