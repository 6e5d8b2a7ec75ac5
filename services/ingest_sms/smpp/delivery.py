"""Reads deliver_sm into an SmsMessage, or one part of a long one (SMPP 3.4 section 4.6.1, 3GPP TS 23.040). Pure.

A deliver_sm has neither time nor, as a rule, an id: its time is that of receipt. Where the centre names one in the
parameter receipted_message_id, that is the id; else it is made of sender, recipient, text and minute. A part without
an id gets one of what it says and of the day, so that its second delivery is not taken for a new message.
"""

import struct
from dataclasses import dataclass
from typing import Final

from services.domain.identity import IdKey
from services.ingest_sms import fields
from services.ingest_sms.data_coding import decode, is_binary
from services.ingest_sms.gateway import Gateway
from services.ingest_sms.parts import COUNT, NUMBER, REFERENCE
from services.ingest_sms.request import Parsed, Refused, Request

NAME: Final = "smpp"
MEDIA_TYPE: Final = "application/smpp"

_UDH_INDICATOR: Final = 0x40
_KIND: Final = 0x3C
"""Bits of esm_class that say what kind of message it is (section 5.2.12)."""
_RECEIPTS: Final = frozenset({0x04, 0x08, 0x10, 0x20})
"""The centre's receipt, the handset's and the user's acknowledgement, the intermediate notification."""

_RECEIPTED_ID: Final = 0x001E
_PAYLOAD: Final = 0x0424
_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER = 0x020C, 0x020E, 0x020F
_INTERNATIONAL: Final = 1
_UCS2: Final = 8
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """The fields of a deliver_sm that matter; content has no user data header any more."""

    sender: str
    recipient: str
    esm_class: int
    data_coding: int
    content: bytes
    parameters: dict[int, bytes]
    part: tuple[int, int, int] | None
    """Reference, number of parts, number of this one."""


def read(body: bytes) -> Delivery:
    """The body of a deliver_sm. Refused (malformed) when it ends too early or its lengths contradict each other.

    >>> read(bytes.fromhex("00 0101 3233343800 0001 3230323000 04 0000 00 00 00 00 00 00 02 6869")).content
    b'hi'
    """
    cursor = _Cursor(body)
    cursor.c_octets()  # service_type
    sender = cursor.address()
    recipient = cursor.address()
    esm_class, _, _ = cursor.octets(3)
    cursor.c_octets()  # schedule_delivery_time and validity_period, both unused here
    cursor.c_octets()
    _, _, data_coding, _, length = cursor.octets(5)
    content = cursor.octets(length)
    parameters = cursor.parameters()
    if not content:
        content = parameters.get(_PAYLOAD, b"")
    part = _sar(parameters)
    if esm_class & _UDH_INDICATOR:
        content, elements = _split_header(content)
        part = _concatenation(elements) or part
    return Delivery(sender, recipient, esm_class, data_coding, content, parameters, part)


class _Cursor:
    """Reads a body from its start."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def octets(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) < count:
            raise Refused("malformed", "the deliver_sm ends in the middle of a field")
        self._at += count
        return found

    def c_octets(self) -> str:
        end = self._data.find(b"\x00", self._at)
        if end < 0:
            raise Refused("malformed", "a string of the deliver_sm has no end")
        found = self._data[self._at : end]
        self._at = end + 1
        return found.decode("latin-1")

    def address(self) -> str:
        """An address; an international number gets the plus that its type stands for."""
        kind = self.octets(2)[0]
        address = self.c_octets().strip()
        return f"+{address}" if kind == _INTERNATIONAL and address.isascii() and address.isdigit() else address

    def parameters(self) -> dict[int, bytes]:
        """The optional parameters that follow, by tag (section 5.3): tag, length, value."""
        found: dict[int, bytes] = {}
        while self._at < len(self._data):
            tag, length = struct.unpack(">HH", self.octets(4))
            found.setdefault(tag, self.octets(length))
        return found


def _split_header(content: bytes) -> tuple[bytes, dict[int, bytes]]:
    """The text, and the elements of the user data header before it (TS 23.040, 9.2.3.24)."""
    length = content[0] if content else 0
    if not content or len(content) < length + 1:
        raise Refused("malformed", "the user data header is longer than the message")
    head, elements, at = content[1 : length + 1], {}, 0
    while at + 2 <= length:
        kind, size = head[at], head[at + 1]
        elements[kind] = head[at + 2 : at + 2 + size]
        at += 2 + size
    return content[length + 1 :], elements


def _concatenation(elements: dict[int, bytes]) -> tuple[int, int, int] | None:
    """Of element 0 (reference of 8 bits) or 8 (16 bits)."""
    if len(elements.get(0, b"")) == 3:
        return _part(*elements[0])
    if len(elements.get(8, b"")) == 4:
        return _part(*struct.unpack(">HBB", elements[8]))
    return None


def _sar(parameters: dict[int, bytes]) -> tuple[int, int, int] | None:
    values = [parameters.get(tag, b"") for tag in (_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER)]
    return _part(*(int.from_bytes(value) for value in values)) if all(values) else None


def _part(reference: int, total: int, number: int) -> tuple[int, int, int] | None:
    """None where the numbers cannot be: such an element is to be ignored (TS 23.040, 9.2.3.24.1)."""
    return (reference, total, number) if 1 <= number <= total <= 255 and total > 1 else None


def gateway(ids: IdKey) -> Gateway:
    """The gateway. It is not in GATEWAYS, since it has no HTTP route."""
    return Gateway(NAME, lambda request, now: parse(request, now, ids))


def parse(request: Request, now: int, ids: IdKey) -> Parsed:
    """The message of a deliver_sm whose body is the request's. Receipts and binary messages are counted."""
    delivery = read(request.body)
    parsed = Parsed()
    kind = delivery.esm_class & _KIND
    if kind in _RECEIPTS:
        parsed.ignore("delivery_receipt")
        return parsed
    if kind or is_binary(delivery.data_coding):
        parsed.ignore("unknown_event")
        return parsed
    attributes = {}
    if delivery.part:
        attributes = dict(zip((REFERENCE, COUNT, NUMBER), map(str, delivery.part), strict=True))
    text = _text(delivery)
    message = fields.message(
        NAME,
        message_id=_own_id(delivery) or _part_id(ids, delivery, text, now),
        sender=fields.required({"source_addr": delivery.sender}, "source_addr"),
        recipient=delivery.recipient or None,
        text=text,
        sent_at=None,
        now=now,
        attributes=attributes,
    )
    if delivery.part:
        parsed.messages.append(message)  # a part may be blank: it still counts for the whole
    else:
        fields.add(parsed, message)
    return parsed


def _own_id(delivery: Delivery) -> str | None:
    return delivery.parameters.get(_RECEIPTED_ID, b"").rstrip(b"\x00").decode("latin-1").strip() or None


def _part_id(ids: IdKey, delivery: Delivery, text: str, now: int) -> str | None:
    if delivery.part is None:
        return None
    numbers = map(str, (*delivery.part, now // _DAY_MS))
    return ids.uuid("smpp-part", delivery.sender, delivery.recipient, text, *numbers)


def _text(delivery: Delivery) -> str:
    try:
        return decode(delivery.content, delivery.data_coding)
    except Refused:
        if not delivery.part or delivery.data_coding != _UCS2:
            raise
        # some handsets cut a part in the middle of an emoji: the rest of the message is worth more
        return delivery.content.decode("utf-16-be", "replace")
