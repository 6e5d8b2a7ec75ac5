"""ClickHouse's own compressed blocks (parameters compress=1 and decompress=1), as clickhouse-go writes them.

A block is a checksum (CityHash128 of all that follows), one byte of method, the size with these nine bytes, the size of
the data, and the data.
"""

import struct

import lz4.block  # type: ignore[import-untyped]
import zstandard
from clickhouse_cityhash.cityhash import CityHash128  # type: ignore[import-untyped]

from deploy.local.clickhouse.errors import EngineError, refusal

BLOCK = 1024 * 1024
"""Data of one block that is written."""
MAX_BLOCK = 256 * BLOCK
"""A block that claims more is refused before memory is taken for it."""
_HEAD = struct.Struct("<BII")
_SUM = struct.Struct("<QQ")
_LZ4, _ZSTD, _NONE = 0x82, 0x90, 0x02
_HALF = (1 << 64) - 1


class BlockEncoder:
    """Compresses a body into LZ4 blocks."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def compress(self, data: bytes, /) -> bytes:
        """The blocks that are full."""
        self._waiting += data
        full = len(self._waiting) // BLOCK * BLOCK
        out = b"".join(encode(bytes(self._waiting[at : at + BLOCK])) for at in range(0, full, BLOCK))
        del self._waiting[:full]
        return out

    def flush(self) -> bytes:
        """The last block."""
        last = bytes(self._waiting)
        self._waiting.clear()
        return encode(last) if last else b""


class BlockDecoder:
    """Decompresses a body that comes in chunks; every checksum is verified."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> bytes:
        """Data of the blocks that are complete. EngineError when a block is broken."""
        self._waiting += data
        out = []
        while len(self._waiting) >= _SUM.size + _HEAD.size:
            method, size, plain = _HEAD.unpack_from(self._waiting, _SUM.size)
            if not _HEAD.size <= size <= MAX_BLOCK or plain > MAX_BLOCK:
                raise refusal(271, "CANNOT_DECOMPRESS", "Too large size of a compressed block")
            end = _SUM.size + size
            if len(self._waiting) < end:
                break
            out.append(_decode(bytes(self._waiting[:end]), method, plain))
            del self._waiting[:end]
        return b"".join(out)

    def finish(self) -> None:
        """Refuse a body that ended inside a block."""
        if self._waiting:
            raise refusal(271, "CANNOT_DECOMPRESS", "The body ends in the middle of a compressed block")


def encode(data: bytes) -> bytes:
    """One LZ4 block.

    >>> BlockDecoder().feed(encode(b"rows"))
    b'rows'
    """
    packed = bytes(lz4.block.compress(data, store_size=False))
    block = _HEAD.pack(_LZ4, _HEAD.size + len(packed), len(data)) + packed
    return _checksum(block) + block


def _decode(block: bytes, method: int, plain: int) -> bytes:
    if _checksum(block[_SUM.size :]) != block[: _SUM.size]:
        raise refusal(40, "CHECKSUM_DOESNT_MATCH", "Checksum doesn't match: corrupted data")
    packed = block[_SUM.size + _HEAD.size :]
    try:
        data = _unpack(packed, method, plain)
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as error:
        raise refusal(271, "CANNOT_DECOMPRESS", "A compressed block cannot be read") from error
    if len(data) != plain:
        raise refusal(271, "CANNOT_DECOMPRESS", "A compressed block has another size than it says")
    return data


def _unpack(packed: bytes, method: int, plain: int) -> bytes:
    if method == _LZ4:
        return bytes(lz4.block.decompress(packed, uncompressed_size=plain))
    if method == _ZSTD:
        return bytes(zstandard.ZstdDecompressor().decompress(packed, max_output_size=plain))
    if method == _NONE:
        return packed
    raise _unknown(method)


def _unknown(method: int) -> EngineError:
    return refusal(89, "UNKNOWN_COMPRESSION_METHOD", f"Unknown compression method: {method}")


def _checksum(data: bytes) -> bytes:
    number: int = CityHash128(data)
    return _SUM.pack(number >> 64, number & _HALF)
