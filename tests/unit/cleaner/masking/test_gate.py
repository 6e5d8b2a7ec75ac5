"""The second scan and the checks of typed fields."""

import pytest

from services.cleaner.masking.gate import is_enum, is_name, is_pseudonym, is_traceparent, is_uuid, leaks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call 08031234567", ["NUMBER"]),
        ("call 0803 123 4567", ["PHONE"]),
        ("call 0803-123-4567", ["PHONE"]),
        ("０８０３１２３４５６７", ["NUMBER"]),
        ("0803\u200b1234567", ["NUMBER"]),
        ("ada@mail.ng", ["EMAIL"]),
        ("4111111111111111", ["CARD"]),
        ("490154203237518", ["IMEI"]),
        ("22123456789 and ada@mail.ng", ["EMAIL", "NUMBER"]),
        ("[PHONE_1]08031234567", ["NUMBER"]),
    ],
)
def test_a_leak_is_found(text: str, found: list[str]) -> None:
    assert leaks(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "call [PHONE_1] or [EMAIL_12]",
        "TKT 1234567890",
        "ticket number is 1234567890",
        "SR1009238847",
        "₦2000000000",
        "session 100004230912123456789012345678",
        "at 12:30 on 12/03/2026 for N5,000",
        "6.52, 3.38",
        "@MTN180 see this",
    ],
)
def test_a_clean_text_passes(text: str) -> None:
    assert leaks(text) == []


def test_a_hotline_may_stand() -> None:
    assert leaks("call 2348031000180", {"08031000180"}) == []
    assert leaks("call 2348031000180") == ["NUMBER"]


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (is_uuid, "0190a8c4-7e3b-8c4d-9f6a-1b2c3d4e5f60", "08031234567"),
        (is_uuid, "0190a8c4-7e3b-8c4d-9f6a-1b2c3d4e5f60", "0190A8C4-7E3B-8C4D-9F6A-1B2C3D4E5F60"),
        (is_pseudonym, "k1_" + "a" * 26, "k1_08031234567"),
        (is_traceparent, "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "00-08031234567"),
        (is_name, "sms:twilio", "sms:08031234567"),
    ],
)
def test_typed_fields_are_checked_by_exact_format(check, good: str, bad: str) -> None:  # type: ignore[no-untyped-def]
    assert check(good)
    assert not check(bad)


def test_an_enumeration_is_closed() -> None:
    assert is_enum("sms", ("sms", "x"))
    assert not is_enum("08031234567", ("sms", "x"))
