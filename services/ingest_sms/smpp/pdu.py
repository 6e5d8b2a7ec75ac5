"""PDUs of SMPP 3.4: the header, the few commands a receiver needs, and their strings. Pure.

Sections are those of the SMPP 3.4 specification, issue 1.2. A PDU is four 32-bit numbers (length, command, status,
sequence) and a body.
"""

import struct
from typing import Final, NamedTuple

HEADER_BYTES: Final = 16
MAX_PDU_BYTES: Final = 131_072
"""Longer than any PDU with a 64 kB message_payload: what claims more is not SMPP."""

GENERIC_NACK: Final = 0x80000000
BIND_RECEIVER: Final = 0x00000001
DELIVER_SM: Final = 0x00000005
UNBIND: Final = 0x00000006
BIND_TRANSCEIVER: Final = 0x00000009
ENQUIRE_LINK: Final = 0x00000015
ALERT_NOTIFICATION: Final = 0x00000102
RESPONSE: Final = 0x80000000
"""Bit that the response to a command has beside the command's own."""

ESME_ROK: Final = 0x00
ESME_RINVCMDID: Final = 0x03
ESME_RX_T_APPN: Final = 0x64
"""A temporary error of the receiver: the centre keeps the message and delivers it again (section 5.1.3)."""

VERSION: Final = 0x34
STATUS_NAMES: Final = {
    0x01: "ESME_RINVMSGLEN",
    0x02: "ESME_RINVCMDLEN",
    0x03: "ESME_RINVCMDID",
    0x04: "ESME_RINVBNDSTS",
    0x05: "ESME_RALYBND",
    0x08: "ESME_RSYSERR",
    0x0D: "ESME_RBINDFAIL",
    0x0E: "ESME_RINVPASWD",
    0x0F: "ESME_RINVSYSID",
    0x14: "ESME_RMSGQFUL",
    0x53: "ESME_RINVSYSTYP",
    0x58: "ESME_RTHROTTLED",
}

_HEADER: Final = struct.Struct(">IIII")


class BadPdu(ValueError):
    """Bytes that are no PDU. The message says what is wrong, never the bytes."""


class Header(NamedTuple):
    """The four numbers before each body; length counts them too."""

    length: int
    command: int
    status: int
    sequence: int


class Pdu(NamedTuple):
    """One PDU without its length."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        """Whether it answers a request of ours."""
        return bool(self.command & RESPONSE)


def header(data: bytes) -> Header:
    """The header of 16 bytes. BadPdu when its length cannot be.

    >>> header(bytes.fromhex("00000010 00000015 00000000 00000007"))
    Header(length=16, command=21, status=0, sequence=7)
    """
    found = Header(*_HEADER.unpack(data))
    if not HEADER_BYTES <= found.length <= MAX_PDU_BYTES:
        raise BadPdu(f"a PDU claims {found.length} bytes; the peer does not speak SMPP, or the stream is torn")
    return found


def encode(pdu: Pdu) -> bytes:
    """The bytes of a PDU.

    >>> encode(Pdu(0x80000005, 0x64, 3, bytes(1))).hex(" ", 4)
    '00 00001180 00000500 00006400 00000300'
    """
    return _HEADER.pack(HEADER_BYTES + len(pdu.body), pdu.command, pdu.status, pdu.sequence) + pdu.body


def response(request: Pdu, status: int = ESME_ROK) -> Pdu:
    """The answer to a request. That of deliver_sm has a message_id, which is unused and empty (section 4.6.2)."""
    return Pdu(request.command | RESPONSE, status, request.sequence, b"\x00" if request.command == DELIVER_SM else b"")


def bind_body(system_id: str, password: str, system_type: str, address_range: str) -> bytes:
    """Body of bind_transceiver and bind_receiver (section 4.1): type and plan of our addresses are left unknown.

    >>> bind_body("id", "pw", "", "")
    b'id\\x00pw\\x00\\x004\\x00\\x00\\x00'
    """
    login = b"".join(c_octets(text) for text in (system_id, password, system_type))
    return login + bytes((VERSION, 0, 0)) + c_octets(address_range)


def c_octets(text: str) -> bytes:
    """A C-octet string. ValueError for text that is not ASCII, or holds the byte that ends it."""
    if not text.isascii() or "\x00" in text:
        raise ValueError("only ASCII without zero bytes fits a C-octet string")
    return text.encode("ascii") + b"\x00"


def status_name(status: int) -> str:
    """What the specification calls a status; its number where it is a vendor's own."""
    return STATUS_NAMES.get(status, f"status 0x{status:08X}")
