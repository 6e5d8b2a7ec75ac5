"""Reading deliver_sm."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.identity import IdKey
from services.ingest_sms.parts import COUNT, NUMBER, REFERENCE
from services.ingest_sms.request import Parsed, Refused, Request
from services.ingest_sms.smpp.delivery import parse, read
from tests.unit.ingest_sms.smpp.centre import parameter, text_pdu

IDS = IdKey(b"0123456789abcdef")
NOW = 1_772_431_485_000


def parsed(body: bytes, now: int = NOW) -> Parsed:
    return parse(Request("POST", "/smpp", {}, body), now, IDS)


def test_reads_a_message() -> None:
    [message] = parsed(text_pdu(b"No network in Yaba")).messages
    assert (message["sender"], message["recipient"]) == ("+2348031234567", "2020")
    assert (message["text"], message["gateway"], message["message_id"]) == ("No network in Yaba", "smpp", None)
    assert (message["sent_at"], message["attributes"]) == (NOW, {"imputed": "occurred_at"})


@pytest.mark.parametrize(
    ("coding", "data", "text"),
    [
        (0, b"\x05v\x05nement \x1be5", "événement €5"),
        (3, "ré".encode("latin-1"), "ré"),
        (8, "Ẹ káàárọ̀ 😡".encode("utf-16-be"), "Ẹ káàárọ̀ 😡"),
    ],
)
def test_decodes_by_data_coding(coding: int, data: bytes, text: str) -> None:
    assert parsed(text_pdu(data, coding=coding)).messages[0]["text"] == text


def test_a_long_text_comes_in_the_payload_parameter() -> None:
    body = text_pdu(b"", parameters=parameter(0x0424, b"x" * 300) + parameter(0x1400, b"of a vendor"))
    assert parsed(body).messages[0]["text"] == "x" * 300


@pytest.mark.parametrize(
    ("header", "reference"),
    [("05 00 03 2a 02 01", "42"), ("06 08 04 01 2a 02 01", "298"), ("08 24 01 02 00 03 2a 02 01", "42")],
)
def test_a_user_data_header_makes_a_part(header: str, reference: str) -> None:
    [message] = parsed(text_pdu(bytes.fromhex(header) + b"first ", esm_class=0x40)).messages
    assert message["text"] == "first "
    kept = message["attributes"]
    assert (kept[REFERENCE], kept[COUNT], kept[NUMBER]) == (reference, "2", "1")


def test_sar_parameters_make_a_part() -> None:
    sar = parameter(0x020C, b"\x01\x00") + parameter(0x020E, b"\x03") + parameter(0x020F, b"\x02")
    kept = parsed(text_pdu(b"middle", parameters=sar)).messages[0]["attributes"]
    assert (kept[REFERENCE], kept[COUNT], kept[NUMBER]) == ("256", "3", "2")


@pytest.mark.parametrize("numbers", ["02 00", "02 03", "01 01"])
def test_part_numbers_that_cannot_be_are_ignored(numbers: str) -> None:
    [message] = parsed(text_pdu(bytes.fromhex("05 00 03 2a" + numbers) + b"whole", esm_class=0x40)).messages
    assert message["text"] == "whole"
    assert REFERENCE not in message["attributes"]


def test_an_emoji_cut_by_a_part_costs_only_itself() -> None:
    half = bytes.fromhex("05 00 03 2a 02 01") + "hi 😡".encode("utf-16-be")[:-2]
    assert parsed(text_pdu(half, esm_class=0x40, coding=8)).messages[0]["text"] == "hi \ufffd"


@pytest.mark.parametrize("esm_class", [0x04, 0x08, 0x20, 0x44])
def test_receipts_are_counted(esm_class: int) -> None:
    found = parsed(text_pdu(b"\x00id:1 stat:DELIVRD", esm_class=esm_class))
    assert (found.messages, found.ignored) == ([], {"delivery_receipt": 1})


def test_binary_and_empty_messages_are_counted() -> None:
    assert parsed(text_pdu(b"\x01", coding=4)).ignored == {"unknown_event": 1}
    assert parsed(text_pdu(b"  ")).ignored == {"empty": 1}


def test_a_part_delivered_again_has_the_same_id_and_another_part_has_not() -> None:
    first, other = (text_pdu(bytes.fromhex(f"05 00 03 2a 02 0{n}") + b"part", esm_class=0x40) for n in (1, 2))
    ids = [
        parsed(body, now).messages[0]["message_id"] for body, now in ((first, NOW), (first, NOW + 90_000), (other, NOW))
    ]
    assert ids[0] == ids[1] != ids[2]


def test_the_centres_own_id_is_kept() -> None:
    body = text_pdu(b"hi", parameters=parameter(0x001E, b"7F3A\x00"))
    assert parsed(body).messages[0]["message_id"] == "7F3A"


def test_an_alphanumeric_sender_gets_no_plus() -> None:
    assert parsed(text_pdu(b"hi", sender=b"MTN", ton=5)).messages[0]["sender"] == "MTN"


def test_a_message_without_sender_is_refused() -> None:
    with pytest.raises(Refused, match="source_addr"):
        parsed(text_pdu(b"hi", sender=b""))


@pytest.mark.parametrize("length", range(len(text_pdu(b"hi"))))
def test_a_torn_body_is_malformed(length: int) -> None:
    with pytest.raises(Refused) as refused:
        read(text_pdu(b"hi")[:length])
    assert refused.value.reason == "malformed"


@given(st.binary(max_size=120), st.integers(0, 255), st.integers(0, 255))
@settings(max_examples=100)
def test_any_bytes_are_a_message_counted_or_refused(data: bytes, esm_class: int, coding: int) -> None:
    for body in (data, text_pdu(data, esm_class=esm_class, coding=coding), text_pdu(b"x", parameters=data)):
        try:
            found = parsed(body)
        except Refused:
            continue
        assert found.messages or found.ignored
        for message in found.messages:
            message["text"].encode()
