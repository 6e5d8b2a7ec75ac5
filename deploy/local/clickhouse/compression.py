"""HTTP content encodings, both ways, in chunks."""

import zlib
from collections.abc import Callable
from typing import Any, Protocol

import lz4.frame  # type: ignore[import-untyped]
import zstandard

from deploy.local.clickhouse.errors import refusal

_PREFERENCE = ("zstd", "lz4", "gzip", "deflate")
_CORRUPT = (zlib.error, zstandard.ZstdError, RuntimeError, EOFError)


class Encoder(Protocol):
    """Compresses a body in chunks."""

    def compress(self, data: bytes, /) -> bytes:
        """Compressed bytes that are ready so far."""

    def flush(self) -> bytes:
        """The rest."""


def negotiate(accept: str) -> str | None:
    """The encoding to answer with for an Accept-Encoding header, or None for plain.

    >>> negotiate("gzip, deflate, br, zstd"), negotiate("identity"), negotiate("gzip;q=0")
    ('zstd', None, None)
    """
    offered = {}
    for part in accept.split(","):
        name, _, weight = part.partition(";")
        offered[name.strip().lower()] = weight.replace(" ", "") not in ("q=0", "q=0.0")
    return next((name for name in _PREFERENCE if offered.get(name)), None)


def encoder(encoding: str) -> Encoder:
    """A fresh encoder for one of the encodings that negotiate() gives."""
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=1).compressobj()
    if encoding == "lz4":
        return _Lz4Encoder()
    return zlib.compressobj(3, wbits=31 if encoding == "gzip" else 15)


class _Lz4Encoder:
    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes, /) -> bytes:
        head = b"" if self._begun else self._frame.begin()
        self._begun = True
        return bytes(head + self._frame.compress(data))

    def flush(self) -> bytes:
        return bytes(self.compress(b"") + self._frame.flush())


class Decoder:
    """Decompresses a body in chunks. A body may be several frames one after another, as clickhouse-connect sends it.

    >>> Decoder("gzip").feed(zlib.compress(b"rows", wbits=31))
    b'rows'
    """

    def __init__(self, encoding: str) -> None:
        if encoding not in _FRAMES:
            raise refusal(89, "UNKNOWN_COMPRESSION_METHOD", f"Unknown content encoding {encoding[:20]!r}")
        self._encoding = encoding
        self._new = _FRAMES[encoding]
        self._frame: Any = self._new()
        self._idle = True

    def feed(self, data: bytes) -> bytes:
        """Decompressed bytes of the next chunk."""
        out = []
        try:
            while data:
                if self._frame.eof:
                    self._frame = self._new()
                out.append(self._frame.decompress(data))
                data = self._frame.unused_data if self._frame.eof else b""
                self._idle = bool(self._frame.eof)
        except _CORRUPT as error:
            raise refusal(271, "CANNOT_DECOMPRESS", f"The body is not valid {self._encoding}") from error
        return b"".join(out)

    def finish(self) -> None:
        """Refuse a body that ended inside a frame."""
        if not self._idle:
            raise refusal(271, "CANNOT_DECOMPRESS", f"The {self._encoding} body ends in the middle of a frame")


_FRAMES: dict[str, Callable[[], Any]] = {
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "deflate": lambda: zlib.decompressobj(),
}
