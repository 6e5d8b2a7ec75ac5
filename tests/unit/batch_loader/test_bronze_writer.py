import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.batch_loader.bronze_writer import BronzeWriter
from services.domain.bronze import bronze_event
from services.domain.identity import IdKey
from services.runtime.codec import Codec
from services.runtime.errors import CodecError, PipelineError
from tests.unit.batch_loader.fakes import CODEC

IDS = IdKey(b"0123456789abcdef")
TIMES = st.integers(946_684_800_000, 4_102_444_800_000) | st.integers(-(1 << 62), 1 << 62)
KINDS = st.sampled_from(["msisdn", "account", "email"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(
    TIMES, TIMES, st.integers(0, 20_000), st.lists(st.tuples(KINDS, TEXT), max_size=3),
    TEXT, TEXT, TEXT, st.dictionaries(st.sampled_from(["state", "status", "customer_name"]), TEXT),
    st.binary(max_size=50) | st.just(b"x" * 10_000), st.integers(1, 10**9),
)  # fmt: skip
def test_the_bytes_are_those_of_the_codec(
    occurred: int, revised: int, revision: int, who: list[tuple[str, str]], recipient: str, text: str, language: str,
    fields: dict[str, str], payload: bytes, line: int,
) -> None:  # fmt: skip
    writer = BronzeWriter(CODEC, "call_center", "call_center:lagos", 1_790_000_000_000, "text/csv; file=0")
    _, event = bronze_event(
        IDS, source="call_center:lagos", own_id="1", channel="call_center", lane="batch", action="updated",
        identifiers=who, recipient=recipient or None, text=text or None, occurred_at=occurred,
        received_at=1_790_000_000_000, payload=payload, payload_type=f"text/csv; file=0; line={line}", fields=fields,
        revision_no=revision, revised_at=revised, language=language or None,
    )  # fmt: skip
    pairs = [(pair["kind"], pair["value"]) for pair in event["identifiers"]]
    ids = (event["event_id"], event["complaint_id"])
    ours = writer.write(
        *ids, revision, revised, "updated", occurred, pairs, recipient, text, language, fields, payload, line
    )
    assert ours == CODEC.encode("BronzeEvent", event)


def test_text_that_utf8_cannot_hold_is_bad_text() -> None:
    writer = BronzeWriter(CODEC, "call_center", "call_center:lagos", 0, "text/csv")
    with pytest.raises(CodecError) as error:
        writer.write("0" * 36, "0" * 36, 0, 0, "created", 0, (), "", "\ud800", "", {}, b"", 1)
    assert error.value.reason == "bad_text"


def test_a_schema_that_it_does_not_know_stops_it_at_start() -> None:
    class Newer(Codec):
        def encode(self, record: str, value: object) -> bytes:
            return super().encode(record, value) + b"\x00"  # type: ignore[arg-type]

    with pytest.raises(PipelineError, match="bronze_writer"):
        BronzeWriter(Newer(), "call_center", "call_center:lagos", 0, "text/csv")
