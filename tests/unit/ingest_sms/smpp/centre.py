"""A small message centre (SMSC): a TCP server that speaks SMPP 3.4 in its own bytes.

It shares no code with the receiver, so that a mistake about the format cannot hide on both sides.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Self

Seen = tuple[int, int, int, bytes]

BIND_TRANSCEIVER, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x09, 0x05, 0x06, 0x15


def text_pdu(
    text: bytes,
    *,
    esm_class: int = 0,
    coding: int = 0,
    sender: bytes = b"2348031234567",
    ton: int = 1,
    parameters: bytes = b"",
) -> bytes:
    """The body of a deliver_sm, written field by field as section 4.6.1 lists them."""
    return b"".join((
        b"CMT\x00", bytes((ton, 1)), sender + b"\x00", bytes((3, 0)), b"2020\x00",
        bytes((esm_class, 0, 0)), b"\x00", b"\x00", bytes((0, 0, coding, 0, len(text))), text, parameters,
    ))  # fmt: skip


def parameter(tag: int, value: bytes) -> bytes:
    """An optional parameter."""
    return struct.pack(">HH", tag, len(value)) + value


class MessageCentre:
    """Accepts connections and binds; counts what it sees."""

    def __init__(self, *, bind_status: int = 0, answers_links: bool = True) -> None:
        self.bind_status = bind_status
        self.answers_links = answers_links
        self.binds: list[bytes] = []
        self.seen: list[Seen] = []
        self.bound = asyncio.Event()
        self.changed = asyncio.Condition()
        self._writer: asyncio.StreamWriter | None = None
        self._sequence = 100

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.drop()

    def drop(self) -> None:
        """Break the connection without a word."""
        self.bound.clear()
        if self._writer is not None:
            self._writer.close()

    def send(self, command: int, body: bytes = b"", status: int = 0) -> int:
        """Send a request; gives its sequence number."""
        self._sequence += 1
        self.write(command, status, self._sequence, body)
        return self._sequence

    def write(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        """Send a PDU."""
        self.write_bytes(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

    def write_bytes(self, data: bytes) -> None:
        """Send bytes, PDU or not."""
        assert self._writer is not None
        self._writer.write(data)

    async def answer(self, sequence: int, command: int) -> Seen:
        """The answer to one of our requests: command, status, sequence, body."""
        return await self.awaited(lambda pdu: pdu[0] == command | 0x80000000 and pdu[2] == sequence)

    async def awaited(self, wanted: Callable[[Seen], bool]) -> Seen:
        """The first PDU seen that is wanted."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: any(map(wanted, self.seen)))
            return next(pdu for pdu in self.seen if wanted(pdu))

    async def deliver(self, body: bytes) -> int:
        """Deliver a message; gives the command status of the answer."""
        answer = await self.answer(self.send(DELIVER_SM, body), DELIVER_SM)
        return answer[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        try:
            while True:
                length, command, status, sequence = struct.unpack(">IIII", await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                async with self.changed:
                    self.seen.append((command, status, sequence, body))
                    self.changed.notify_all()
                self._answer(command, sequence, body)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    def _answer(self, command: int, sequence: int, body: bytes) -> None:
        if command == BIND_TRANSCEIVER:
            self.binds.append(body)
            self.write(command | 0x80000000, self.bind_status, sequence, b"SMSC\x00")
            if not self.bind_status:
                self.bound.set()
        elif command == UNBIND or (command == ENQUIRE_LINK and self.answers_links):
            self.write(command | 0x80000000, 0, sequence)
