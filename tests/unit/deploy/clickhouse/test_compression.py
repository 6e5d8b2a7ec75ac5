"""Content encodings are undone and made in chunks of any size."""

import gzip
import zlib
from collections.abc import Callable

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.clickhouse.compression import Decoder, encoder, negotiate
from deploy.local.clickhouse.errors import EngineError

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
}


@given(st.sampled_from(sorted(PACK)), st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 60))
def test_frames_one_after_another_in_chunks_of_any_size(encoding: str, parts: list[bytes], size: int) -> None:
    packed = b"".join(PACK[encoding](part) for part in parts)
    decoder = Decoder(encoding)
    out = b"".join(decoder.feed(packed[at : at + size]) for at in range(0, len(packed), size))
    decoder.finish()
    assert out == b"".join(parts)


@given(st.sampled_from(sorted(PACK)), st.lists(st.binary(max_size=300), max_size=4))
def test_what_the_encoder_makes_the_decoder_undoes(encoding: str, parts: list[bytes]) -> None:
    pack = encoder(encoding)
    packed = b"".join(pack.compress(part) for part in parts) + pack.flush()
    decoder = Decoder(encoding)
    assert decoder.feed(packed) == b"".join(parts)
    decoder.finish()


@pytest.mark.parametrize("encoding", sorted(PACK))
def test_a_torn_body_is_refused(encoding: str) -> None:
    decoder = Decoder(encoding)
    decoder.feed(PACK[encoding](b"x" * 1000)[:-3])
    with pytest.raises(EngineError, match="271"):
        decoder.finish()


@pytest.mark.parametrize("encoding", sorted(PACK))
def test_rubbish_is_refused(encoding: str) -> None:
    with pytest.raises(EngineError, match="271"):
        Decoder(encoding).feed(b"this is no compressed data at all")


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(EngineError, match="89"):
        Decoder("snappy")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip, deflate", "gzip"),
        ("lz4,zstd,gzip", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
    ],
)
def test_the_encoding_of_an_answer(accept: str, chosen: str | None) -> None:
    assert negotiate(accept) == chosen
