"""ClickHouse's compressed blocks, as the engine itself writes them to disk."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.clickhouse import blocks
from deploy.local.clickhouse.blocks import BLOCK, BlockDecoder, BlockEncoder, encode
from deploy.local.clickhouse.config import write_config
from deploy.local.clickhouse.engine import Engine
from deploy.local.clickhouse.errors import EngineError


@given(st.lists(st.binary(max_size=200), max_size=5), st.integers(1, 50))
def test_blocks_in_chunks_of_any_size(parts: list[bytes], size: int) -> None:
    packed = b"".join(map(encode, parts))
    decoder = BlockDecoder()
    assert b"".join(decoder.feed(packed[at : at + size]) for at in range(0, len(packed), size)) == b"".join(parts)
    decoder.finish()


def test_a_body_longer_than_a_block_becomes_several() -> None:
    encoder = BlockEncoder()
    body = bytes(2 * BLOCK + 5)
    packed = b"".join(encoder.compress(body[at : at + 70_000]) for at in range(0, len(body), 70_000)) + encoder.flush()
    assert BlockDecoder().feed(packed) == body
    assert encoder.flush() == b""


@pytest.mark.parametrize("codec", ["LZ4", "ZSTD(1)", "NONE"])
def test_files_of_the_engine_are_read(tmp_path: Path, codec: str) -> None:
    config = write_config(tmp_path, 512, 2)
    with Engine(tmp_path / "store", config) as engine:
        connection = engine.connect()
        connection.query(f"CREATE TABLE t (a UInt64 CODEC({codec})) ENGINE = Log")
        connection.query("INSERT INTO t SELECT number FROM numbers(10000)")
        [file] = (tmp_path / "store").rglob("a.bin")
        decoder = BlockDecoder()
        assert decoder.feed(file.read_bytes()) == b"".join(n.to_bytes(8, "little") for n in range(10_000))
        decoder.finish()


def test_a_changed_byte_is_noticed() -> None:
    packed = bytearray(encode(b"rows and rows"))
    packed[-1] ^= 1
    with pytest.raises(EngineError, match="CHECKSUM_DOESNT_MATCH"):
        BlockDecoder().feed(bytes(packed))


def test_a_torn_or_absurd_block_is_refused() -> None:
    decoder = BlockDecoder()
    decoder.feed(encode(b"rows")[:-1])
    with pytest.raises(EngineError, match="middle of a compressed block"):
        decoder.finish()
    with pytest.raises(EngineError, match="Too large"):
        BlockDecoder().feed(bytes(16) + b"\x82" + b"\xff" * 8)


def test_an_unknown_method_is_refused() -> None:
    block = b"\x99" + (9).to_bytes(4, "little") + (0).to_bytes(4, "little")
    with pytest.raises(EngineError, match="UNKNOWN_COMPRESSION_METHOD"):
        BlockDecoder().feed(blocks._checksum(block) + block)
