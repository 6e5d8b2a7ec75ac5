"""Short messages by their data coding scheme."""

import pytest

from services.ingest_sms.data_coding import decode, gsm7, is_binary
from services.ingest_sms.request import Refused


def test_the_basic_table_has_128_characters_and_the_letters_stand_where_ascii_has_them() -> None:
    text = gsm7(bytes(range(128)).replace(b"\x1b", b""))
    assert len(set(text)) == 127
    letters = b"abcxyzABCXYZ0189 !?.,"
    assert gsm7(letters) == letters.decode()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b\x14\x1b(\x1b)\x1b/\x1b<\x1b=\x1b>\x1b@\x1be", "^{}\\[~]|€"),
        (b"\x1ba", "a"),
        (b"\x1b", ""),
        (b"\x1b\x1b", " "),
    ],
)
def test_the_extension_table(data: bytes, text: str) -> None:
    assert gsm7(data) == text


def test_bytes_that_are_no_gsm_7_bit_are_utf_8_or_latin_1() -> None:
    assert gsm7("ẹjọ́".encode()) == "ẹjọ́"
    assert gsm7(b"caf\xe9") == "café"


@pytest.mark.parametrize(
    ("coding", "binary"),
    [
        (0, False),
        (2, True),
        (4, True),
        (8, False),
        (0x14, True),
        (0x18, False),
        (0xF5, True),
        (0xF1, False),
        (0xF0, False),
    ],
)
def test_which_schemes_are_binary(coding: int, binary: bool) -> None:
    assert is_binary(coding) is binary


@pytest.mark.parametrize("coding", [8, 0x18, 0xE0])
def test_ucs_2_schemes(coding: int) -> None:
    assert decode("😡 ọ".encode("utf-16-be"), coding) == "😡 ọ"


@pytest.mark.parametrize(("data", "coding"), [(b"\x00", 8), (b"\xd8\x00", 8), (b"\xff", 1), (b"x", 4)])
def test_refuses_bytes_that_are_not_of_the_scheme(data: bytes, coding: int) -> None:
    with pytest.raises(Refused) as refused:
        decode(data, coding)
    assert refused.value.reason == "bad_text"
