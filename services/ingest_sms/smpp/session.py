"""One connection to a message centre: binds, takes messages, keeps the link alive, unbinds. Knows no Kafka."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from services.ingest_sms.smpp.pdu import (
    ALERT_NOTIFICATION,
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    DELIVER_SM,
    ENQUIRE_LINK,
    ESME_RINVCMDID,
    ESME_ROK,
    GENERIC_NACK,
    HEADER_BYTES,
    RESPONSE,
    UNBIND,
    BadPdu,
    Pdu,
    encode,
    header,
    response,
    status_name,
)
from services.runtime.errors import PipelineError

Accept = Callable[[bytes], Awaitable[int]]
"""Takes the body of a deliver_sm and gives the command status to answer; never raises."""

_MAX_SEQUENCE: Final = 0x7FFFFFFF


class LinkLost(PipelineError):
    """The session ended without our wish: refused, dropped, silent, or not SMPP."""


@dataclass(frozen=True, slots=True)
class Limits:
    """enquire_link: silence in seconds before the link is tested; answer: seconds for any response; window: messages
    that may wait for the broker at once."""

    enquire_link: float = 30.0
    answer: float = 10.0
    window: int = 100


class Session:
    """A session over a connection that is open."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, accept: Accept, limits: Limits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._accept = accept
        self._limits = limits
        self._free = asyncio.Semaphore(limits.window)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._waiting: dict[int, asyncio.Future[Pdu]] = {}
        self._sequence = 0
        self._heard = asyncio.Event()

    async def bind(self, body: bytes, *, transceiver: bool = True) -> None:
        """Log in. LinkLost when the centre refuses, or says nothing in time."""
        command = BIND_TRANSCEIVER if transceiver else BIND_RECEIVER
        try:
            async with asyncio.timeout(self._limits.answer):
                sequence = self._next_sequence()
                await self._send(Pdu(command, 0, sequence, body))
                while (answer := await self._next()).sequence != sequence or not answer.is_response:
                    continue
        except TimeoutError as error:
            raise LinkLost(f"the centre did not answer the bind within {self._limits.answer:g} s") from error
        if answer.status != ESME_ROK or answer.command != command | RESPONSE:
            raise LinkLost(f"the centre refused the bind: {status_name(answer.status)}")

    async def serve(self, stopping: asyncio.Event) -> None:
        """Take messages until `stopping` is set or the centre unbinds. LinkLost when the link breaks."""
        reading = asyncio.create_task(self._read())
        keeping = asyncio.create_task(self._keep_alive())
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({reading, keeping, stop}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await reading
            elif keeping.done():
                await keeping
            else:
                await self._settle()
                with contextlib.suppress(LinkLost):
                    await self._request(UNBIND)
        finally:
            await self._end(reading, keeping, stop)

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._limits.answer):
                await self._writer.wait_closed()

    async def _end(self, *tasks: "asyncio.Task[Any]") -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._settle()

    async def _settle(self) -> None:
        """Wait for the messages under way: the publisher bounds how long each takes."""
        while self._deliveries:
            await asyncio.wait(set(self._deliveries))

    async def _read(self) -> None:
        """Handle PDUs until the centre unbinds."""
        while True:
            pdu = await self._next()
            self._heard.set()
            if pdu.is_response:
                waiting = self._waiting.get(pdu.sequence)
                if waiting is not None and not waiting.done():
                    waiting.set_result(pdu)
            elif pdu.command == DELIVER_SM:
                # a full window stops the reading: TCP then holds the centre back, nothing is refused
                await self._free.acquire()
                self._start(self._deliver(pdu))
            elif pdu.command == ENQUIRE_LINK:
                await self._send(response(pdu))
            elif pdu.command == UNBIND:
                await self._settle()
                await self._send(response(pdu))
                return
            elif pdu.command != ALERT_NOTIFICATION:
                await self._send(Pdu(GENERIC_NACK, ESME_RINVCMDID, pdu.sequence))

    def _start(self, delivery: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(delivery)
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, pdu: Pdu) -> None:
        try:
            status = await self._accept(pdu.body)
            with contextlib.suppress(LinkLost):  # the centre will deliver it again; the reader sees the break too
                await self._send(response(pdu, status))
        finally:
            self._free.release()

    async def _keep_alive(self) -> None:
        """Test the link whenever it was silent. LinkLost when the test is not answered."""
        while True:
            self._heard.clear()
            try:
                async with asyncio.timeout(self._limits.enquire_link):
                    await self._heard.wait()
            except TimeoutError:
                await self._request(ENQUIRE_LINK)

    async def _request(self, command: int) -> Pdu:
        sequence = self._next_sequence()
        waiting: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = waiting
        try:
            async with asyncio.timeout(self._limits.answer):
                await self._send(Pdu(command, 0, sequence))
                return await waiting
        except TimeoutError as error:
            raise LinkLost(f"the centre did not answer within {self._limits.answer:g} s") from error
        finally:
            del self._waiting[sequence]

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % _MAX_SEQUENCE + 1
        return self._sequence

    async def _send(self, pdu: Pdu) -> None:
        try:
            self._writer.write(encode(pdu))
            await self._writer.drain()
        except OSError as error:
            raise LinkLost("the connection broke while sending") from error

    async def _next(self) -> Pdu:
        try:
            head = header(await self._reader.readexactly(HEADER_BYTES))
            body = await self._reader.readexactly(head.length - HEADER_BYTES)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise LinkLost("the centre dropped the connection") from error
        except BadPdu as error:
            raise LinkLost(str(error)) from error
        return Pdu(head.command, head.status, head.sequence, body)
