"""The one codec: round trips, older versions, and bytes that are none of ours."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from services.runtime.codec import Codec
from services.runtime.errors import BrokerBusy, CodecError

CODEC = Codec()
ERASURE = {"erasure_id": "e1", "keys": ["k1_a", "k2_b"], "requested_at": 1_700_000_000_000}


class Evolved:
    """A registry that knows an older and a younger Erasure than today's."""

    def __init__(self) -> None:
        self.schemas: dict[int, dict[str, Any]] = {7: schemas.current("Erasure")}
        younger = {**schemas.current("Erasure")}
        younger["fields"] = [*younger["fields"], {"name": "added", "type": "string", "default": ""}]
        self.schemas[8] = younger
        self.away = False

    def id_of(self, record: str) -> int:
        return 7

    def schema(self, schema_id: int) -> dict[str, Any] | None:
        if self.away:
            raise BrokerBusy("away")
        return self.schemas.get(schema_id)


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=50),
    st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=30), max_size=5),
    st.integers(0, 2**53),
)
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_is_decoded(erasure_id: str, keys: list[str], at: int) -> None:
    value = {"erasure_id": erasure_id, "keys": keys, "requested_at": at}
    assert CODEC.decode("Erasure", CODEC.encode("Erasure", value)) == value


def test_bytes_start_with_the_confluent_header() -> None:
    encoded = CODEC.encode("Erasure", ERASURE)
    number = next(number for number, (name, _) in schemas.ids().items() if name == "Erasure")
    assert encoded[:5] == b"\0" + number.to_bytes(4, "big")
    assert CODEC.header("Erasure") == encoded[:5]


def test_times_are_plain_integers_on_both_sides() -> None:
    assert type(CODEC.decode("Erasure", CODEC.encode("Erasure", ERASURE))["requested_at"]) is int


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "null_record"),
        (b"", "malformed"),
        (b'{"erasure_id":"x"}', "malformed"),
        (b"\0\0\0\xff\xff", "unknown_schema"),
        (CODEC.encode("Erasure", ERASURE)[:-1], "malformed"),
        (CODEC.encode("Erasure", ERASURE) + b"x", "malformed"),
        (CODEC.header("Erasure") + b"\x04\xff\xfe\x00\x00", "bad_text"),
        (CODEC.header("Incident") + CODEC.encode("Erasure", ERASURE)[5:], "malformed"),
    ],
)
def test_bytes_that_are_no_such_record_are_named_by_reason(data: bytes | None, reason: str) -> None:
    with pytest.raises(CodecError) as caught:
        CODEC.decode("Erasure", data)
    assert caught.value.reason == reason


@given(st.binary(max_size=80))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_it_raise_anything_else(body: bytes) -> None:
    for record in ("Erasure", "BronzeEvent", "GoldEvent"):
        try:
            CODEC.decode(record, CODEC.header(record) + body)
        except CodecError as error:
            assert error.reason in {"malformed", "bad_text"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"erasure_id": "\ud800"}, "bad_text"), ({"requested_at": "soon"}, "bad_field"), ({"keys": None}, "bad_field")],
)
def test_a_value_that_does_not_fit_is_refused_without_being_quoted(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(CodecError) as caught:
        CODEC.encode("Erasure", ERASURE | change)
    assert caught.value.reason == reason
    assert "soon" not in str(caught.value)


def test_readers_resolve_what_another_version_wrote() -> None:
    registry = Evolved()
    codec = Codec(registry)
    today = codec.encode("Erasure", ERASURE)
    by_younger = b"\0\0\0\0\x08" + today[5:] + b"\x04ab"
    assert codec.decode("Erasure", by_younger) == ERASURE


def test_a_registry_that_is_away_is_no_reason_to_call_a_record_bad() -> None:
    registry = Evolved()
    codec = Codec(registry)
    encoded = codec.encode("Erasure", ERASURE)
    registry.away = True
    with pytest.raises(BrokerBusy):
        codec.decode("Erasure", encoded)
    registry.away = False
    assert codec.decode("Erasure", encoded) == ERASURE
    registry.away = True
    assert codec.decode("Erasure", encoded) == ERASURE
