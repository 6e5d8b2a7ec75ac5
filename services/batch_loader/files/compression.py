"""Sees through gzip, zstd, bzip2, xz and zip by their first bytes, whatever the file is called."""

import bz2
import gzip
import io
import lzma
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO, cast

import zstandard

from services.runtime.errors import PipelineError

PEEK = 8
MAX_DEPTH = 3
"""A .csv.gz inside a .zip is read; a bomb of nested archives is not."""

# Zstandard frames (RFC 8878), gzip (RFC 1952), bzip2, xz, and zip's local file header (APPNOTE 4.3.7).
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
_OFFICE = "[Content_Types].xml"
BROKEN: tuple[type[BaseException], ...] = (
    EOFError,
    OSError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zstandard.ZstdError,
    zlib.error,
    struct.error,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
"""What decompressors raise on damaged data; zipfile raises most of these, the last two for methods and encryption."""


class Unreadable(PipelineError):
    """A file that cannot be opened as what it claims to be."""


def kind_of(head: bytes) -> str | None:
    """Compression that a file with these first bytes (8 are enough) has, or None.

    >>> kind_of(bytes([0x1F, 0x8B, 8, 0])), kind_of(b"Ticket #")
    ('gzip', None)
    """
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def opened(raw: BinaryIO, depth: int = 0) -> Iterator[tuple[str, BinaryIO]]:
    """The decompressed streams of a file: one, or for a zip one a member, each with its name ("" for a plain file).

    A stream is good until the next one is asked for. Raises Unreadable for a zip without a readable directory.
    """
    head = _peek(raw)
    kind = kind_of(head)
    if kind is None or depth >= MAX_DEPTH:
        yield "", raw
    elif kind == "zip":
        yield from _members(raw, depth)
    else:
        with ExitStack() as stack:
            stream = _STREAMS[kind](raw)
            stack.callback(stream.close)
            inner = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, stream), 1 << 18))
            yield from opened(inner, depth + 1)


def seekable(stream: BinaryIO) -> BinaryIO:
    """The stream itself where it can go back cheaply, else a temporary copy that ends with it. Raises Unreadable."""
    if isinstance(stream, io.BufferedReader) and getattr(stream.raw, "cheap_seek", False):
        return stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads the workbook or table drops it
    try:
        shutil.copyfileobj(stream, copy, 1 << 20)
    except BROKEN as error:
        copy.close()
        raise Unreadable("the compressed data breaks off or is damaged") from error
    copy.seek(0)
    return cast(BinaryIO, copy)


def _peek(raw: BinaryIO) -> bytes:
    if isinstance(raw, io.BufferedReader):
        try:
            return raw.peek(PEEK)[:PEEK]
        except BROKEN as error:
            raise Unreadable("the file is damaged: its compressed data cannot be read") from error
    at = raw.tell()
    head = raw.read(PEEK)
    raw.seek(at)
    return head


def _members(raw: BinaryIO, depth: int) -> Iterator[tuple[str, BinaryIO]]:
    if not raw.seekable():
        raise Unreadable("a zip inside another archive cannot be read: unpack it first")
    try:
        archive = zipfile.ZipFile(raw)
        names = archive.namelist()
    except BROKEN as error:
        raise Unreadable("the zip archive is damaged: its directory cannot be read") from error
    if _OFFICE in names:  # a workbook is a zip too, and is read whole by the Excel reader
        raw.seek(0)
        yield "", raw
        return
    with archive:
        for info in archive.infolist():
            if info.is_dir() or info.filename.startswith("__MACOSX/"):
                continue
            try:
                member = archive.open(info)
            except BROKEN as error:
                raise Unreadable("a member of the zip archive cannot be opened: damaged or encrypted") from error
            with member:
                inner = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, member), 1 << 18))
                for name, stream in opened(inner, depth + 1):
                    yield info.filename + (f"/{name}" if name else ""), stream


class _Zstd(io.RawIOBase):
    """Decompresses frame after frame. zstandard's own stream reader takes a frame that was cut for a whole one."""

    # A compressed kilobyte holds at most some 340 blocks of 128 KiB: what a bomb can make of it stays bounded.
    _STEP = 1 << 10

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw = raw
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._ready = b""
        self._input = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer. EOFError where a frame is cut, ZstdError where it is damaged."""
        while not self._ready:
            if self._frame is not None and self._frame.eof:
                self._input, self._frame = self._frame.unused_data, None
            data = self._input or self._raw.read(self._STEP)
            self._input = b""
            if not data:
                if self._frame is not None:
                    raise EOFError("the last Zstandard frame is cut")
                return 0
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._ready = self._frame.decompress(data)
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


_STREAMS: dict[str, Callable[[BinaryIO], BinaryIO]] = {
    "gzip": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    "zstd": lambda raw: cast(BinaryIO, _Zstd(raw)),
    "bzip2": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    "xz": lambda raw: cast(BinaryIO, lzma.LZMAFile(raw)),  # noqa: SIM115 - `opened` closes it
}
