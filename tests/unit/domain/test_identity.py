"""Ids and pseudonyms: deterministic, keyed, versioned, and the same for every way of writing one number."""

import hmac
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.identity import (
    IdKey,
    KeyedHash,
    KeyVersion,
    PseudonymKeys,
    canonical,
    canonical_msisdn,
)

SECRET = b"0123456789abcdef"
JUNE = 1_780_272_000_000


@given(st.binary(min_size=1, max_size=200), st.binary(max_size=300))
@settings(max_examples=80, deadline=None)
def test_the_keyed_hash_is_hmac_sha256(secret: bytes, message: bytes) -> None:
    assert KeyedHash(secret).digest(message) == hmac.digest(secret, message, "sha256")


@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4))
@settings(max_examples=150, deadline=None)
def test_different_parts_make_different_ids_however_they_would_join(one: list[str], other: list[str]) -> None:
    ids = IdKey(SECRET)
    assert (ids.uuid(*one) == ids.uuid(*other)) == (one == other)


def test_an_id_is_a_uuid_of_version_8_and_depends_on_the_key() -> None:
    made = IdKey(SECRET).uuid("complaint", "sms:twilio", "SM1")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made)
    assert made != IdKey(b"another key of 16+").uuid("complaint", "sms:twilio", "SM1")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        IdKey(b"short")
    with pytest.raises(ValueError, match="16 bytes"):
        PseudonymKeys([KeyVersion(1, 0, b"short")])


@pytest.mark.parametrize(
    "written",
    [
        "08031234567",
        "2348031234567",
        "+2348031234567",
        "0803 123 4567",
        "0803-123-4567",
        "+234 (0) 803 123 4567".replace("(0) ", ""),
        "8031234567",
        "whatsapp:+2348031234567",
        "tel:+2348031234567",
        "002348031234567",
    ],
)
def test_every_way_of_writing_a_number_is_one_customer(written: str) -> None:
    assert canonical_msisdn(written) == "+2348031234567"


@pytest.mark.parametrize("sender", ["MTN", "131", "", "Beejan-Care"])
def test_a_sender_that_is_no_number_is_nobody(sender: str) -> None:
    assert canonical_msisdn(sender) is None


def test_kinds_have_their_own_canonical_forms() -> None:
    assert canonical("email", " Ada.Obi@Example.COM ") == "ada.obi@example.com"
    assert canonical("handle", "X:@Ada_Obi") == "x:ada_obi"
    assert canonical("account", "bj-00 123") == "BJ00123"
    assert canonical("handle", "no network") is None
    with pytest.raises(ValueError, match="unknown kind"):
        canonical("name", "Ada")


def test_a_new_key_version_counts_from_its_date_and_old_pseudonyms_stay_known() -> None:
    keys = PseudonymKeys(
        [KeyVersion(2, JUNE, b"the second pseudonym key"), KeyVersion(1, 0, b"the first pseudonym key")]
    )
    before = keys.key("msisdn", "+2348031234567", JUNE - 1)
    after = keys.key("msisdn", "+2348031234567", JUNE)
    assert (before[:3], after[:3]) == ("k1_", "k2_")
    assert keys.all_versions("msisdn", "+2348031234567") == [before, after]
    assert re.fullmatch(r"k1_[a-z2-7]{26}", before)


def test_one_value_under_two_kinds_is_two_customers() -> None:
    keys = PseudonymKeys([KeyVersion(1, 0, SECRET)])
    assert keys.key("account", "123", 0) != keys.key("msisdn", "123", 0)


def test_a_version_must_not_come_twice() -> None:
    with pytest.raises(ValueError, match="same version"):
        PseudonymKeys([KeyVersion(1, 0, SECRET), KeyVersion(1, 5, SECRET)])
