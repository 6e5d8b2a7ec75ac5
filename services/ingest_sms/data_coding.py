"""Decodes the short message of a PDU by its data coding scheme (3GPP TS 23.038, SMPP 3.4 section 5.2.19)."""

from services.ingest_sms.request import Refused

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B

_CODECS = {
    1: "ascii",
    3: "latin-1",
    5: "shift_jis",
    6: "iso8859_5",
    7: "iso8859_8",
    8: "utf-16-be",
    14: "euc_kr",
}
_BINARY = frozenset({2, 4})


def gsm7(data: bytes) -> str:
    """Text of unpacked GSM 7-bit characters, one a byte, extension table included.

    A character that the extension table does not have reads as that of the basic table (TS 23.038, 6.2.1.1). Bytes
    above 0x7F are no GSM 7-bit at all: some centres put UTF-8 or Latin-1 there, so they are tried in that order.

    >>> gsm7(b"\\x05v\\x05nement"), gsm7(b"\\x1be 5")
    ('événement', '€ 5')
    """
    if any(byte > 0x7F for byte in data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("latin-1")
    text = []
    escaped = False
    for byte in data:
        if escaped:
            text.append(_EXTENSION.get(byte, _BASIC[byte] if byte != _ESCAPE else " "))
            escaped = False
        elif byte == _ESCAPE:
            escaped = True
        else:
            text.append(_BASIC[byte])
    return "".join(text)


def is_binary(coding: int) -> bool:
    """Whether the scheme says that the message is data for the handset or card, not text."""
    if coding in _BINARY:
        return True
    if coding & 0xF0 == 0xF0:
        return bool(coding & 0x04)
    return 0x10 <= coding <= 0x3F and coding & 0x0C == 0x04


def _is_ucs2(coding: int) -> bool:
    return coding & 0xF0 == 0xE0 or (0x10 <= coding <= 0x3F and coding & 0x0C == 0x08)


def decode(data: bytes, coding: int) -> str:
    """Text of a short message. Refused (bad_text) when the bytes are not of the scheme, or it is binary.

    >>> decode("Ẹ káàárọ̀".encode("utf-16-be"), 8)
    'Ẹ káàárọ̀'
    """
    if is_binary(coding):
        raise Refused("bad_text", f"data coding {coding} is binary, not text")
    codec = _CODECS.get(coding)
    if codec is None:
        if not _is_ucs2(coding):
            return gsm7(data)
        codec = "utf-16-be"
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise Refused("bad_text", f"the content is not of data coding {coding}") from error
