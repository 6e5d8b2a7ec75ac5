"""Writes BronzeEvent of batch rows in Avro's binary encoding, straight from their parts.

The generic writer walks the schema for each record and took 10 us a record here, half of what a row may cost; what does
not change within a file (channel, source, lane, time of receipt) is encoded once. The bytes are those of the codec: it
is tested, and checked at each start, so that a new field in the schema cannot go unnoticed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.domain.vocabulary import ACTIONS, IDENTIFIER_KINDS
from services.runtime.codec import Codec
from services.runtime.errors import CodecError, PipelineError

_RECORD = "BronzeEvent"
_SHORT = 1 << 13


def _varint(value: int) -> bytes:
    """A long: zigzag, then base 128, low groups first (Avro 1.12, binary encoding)."""
    left = (value << 1) ^ (value >> 63)
    out = bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


_LENGTHS = [_varint(n) for n in range(_SHORT)]
_NULL = _varint(0)
_SOME = _varint(1)
_KINDS = {kind: _LENGTHS[len(kind)] + kind.encode() for kind in IDENTIFIER_KINDS}
_ACTIONS = {action: _LENGTHS[len(action)] + action.encode() for action in ACTIONS}


def _time(ms: int) -> bytes:
    """_varint for times between 1987 and 2039, which take six groups."""
    n = ms << 1
    if not 1 << 40 <= n < 1 << 42:
        return _varint(ms)
    return bytes(
        (n & 127 | 128, n >> 7 & 127 | 128, n >> 14 & 127 | 128, n >> 21 & 127 | 128, n >> 28 & 127 | 128, n >> 35)
    )


def _sized(data: bytes) -> bytes:
    size = len(data)
    return (_LENGTHS[size] if size < _SHORT else _varint(size)) + data


class BronzeWriter:
    """Writes the events of one content of one source. Texts that UTF-8 cannot hold raise CodecError(bad_text)."""

    def __init__(self, codec: Codec, channel: str, source: str, received_at: int, payload_type: str) -> None:
        """payload_type: without the line, which is appended to it."""
        self._codec = codec
        self._header = codec.header(_RECORD)
        self._constant = b"".join(_sized(text.encode()) for text in (channel, source, "batch"))
        self._received_at = _time(received_at)
        self._payload_type = f"{payload_type}; line="
        self._named: dict[str, bytes] = {}
        self._check(channel, source, received_at)

    def write(
        self,
        event_id: str,
        complaint_id: str,
        revision_no: int,
        revised_at: int,
        action: str,
        occurred_at: int,
        identifiers: Sequence[tuple[str, str]],
        recipient: str,
        text: str,
        language: str,
        fields: Mapping[str, str],
        payload: bytes,
        line: int,
    ) -> bytes:
        """The event in the Confluent wire format."""
        lengths = _LENGTHS
        parts = [
            self._header, b"\x48", event_id.encode(), b"\x48", complaint_id.encode(), _varint(revision_no),
            _time(revised_at), _ACTIONS[action], self._constant, _time(occurred_at), self._received_at,
        ]  # fmt: skip
        add = parts.append
        try:
            if identifiers:
                add(lengths[len(identifiers)])
                for kind, value in identifiers:
                    add(_KINDS[kind])
                    add(_sized(value.encode()))
            add(_NULL)
            for optional in (recipient, text, language):
                if optional:
                    add(_SOME)
                    add(_sized(optional.encode()))
                else:
                    add(_NULL)
            if fields:
                add(lengths[len(fields)])
                named = self._named
                for name, value in fields.items():
                    add(named.get(name) or named.setdefault(name, _sized(name.encode())))
                    data = value.encode()
                    size = len(data)
                    add(lengths[size] if size < _SHORT else _varint(size))
                    add(data)
        except UnicodeEncodeError as error:
            raise CodecError("bad_text", f"{_RECORD}: text that UTF-8 cannot hold") from error
        kind_of_payload = f"{self._payload_type}{line}".encode()
        parts += (_NULL, _sized(payload), lengths[len(kind_of_payload)], kind_of_payload, _NULL)
        return b"".join(parts)

    def _check(self, channel: str, source: str, received_at: int) -> None:
        """Raises PipelineError when the codec writes another event than this."""
        fields = {"a": "b"}
        sample: dict[str, Any] = {
            "event_id": "0" * 36, "complaint_id": "1" * 36, "revision_no": 2, "revised_at": 3, "action": "created",
            "channel": channel, "source": source, "lane": "batch", "occurred_at": 4, "received_at": received_at,
            "identifiers": [{"kind": "msisdn", "value": "5"}], "recipient": "6", "text": None, "language": "7",
            "fields": fields, "payload": b"8", "payload_type": f"{self._payload_type}9", "generation": 0,
        }  # fmt: skip
        who = (("msisdn", "5"),)
        ours = self.write("0" * 36, "1" * 36, 2, 3, "created", 4, who, "6", "", "7", fields, b"8", 9)
        if ours != self._codec.encode(_RECORD, sample):
            raise PipelineError(
                "the batch loader does not know the BronzeEvent of this schema: bring bronze_writer.py up to it"
            )
