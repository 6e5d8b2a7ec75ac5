"""Keeps one session with the message centre: connects, binds, serves, and connects again when it ends."""

import asyncio
import contextlib
import logging
import random
import ssl
import time
from dataclasses import dataclass, field
from typing import Final

from services.ingest_sms.smpp.session import Accept, Limits, LinkLost, Session
from services.runtime.health import Health

PART: Final = "smpp"
STEADY_SECONDS: Final = 30.0
"""A session that lasted this long was sound: the next attempt starts with the first delay again."""
_BEAT_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the message centre is and how to log in. `bind` is the body of the bind PDU."""

    host: str
    port: int
    bind: bytes
    transceiver: bool = True
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between attempts: doubled each time, at most `most`, spread over the upper half at random."""

    first: float = 1.0
    most: float = 60.0

    def delay(self, attempt: int, chance: float) -> float:
        """Seconds to wait before attempt 1, 2, ...; chance is from 0 to 1.

        >>> [Backoff(1.0, 60.0).delay(attempt, 1.0) for attempt in (1, 2, 7, 500)]
        [1.0, 2.0, 60.0, 60.0]
        """
        return min(self.most, self.first * 2.0 ** min(attempt - 1, 30)) * (0.5 + chance / 2)


class Receiver:
    """Receives from one centre until it is told to stop."""

    def __init__(self, centre: Centre, accept: Accept, health: Health, backoff: Backoff | None = None) -> None:
        self._centre = centre
        self._accept = accept
        self._health = health
        self._backoff = backoff or Backoff()
        health.expect(PART)

    async def run(self, stopping: asyncio.Event) -> None:
        """Receive until `stopping` is set; then unbind."""
        beating = asyncio.create_task(self._beat())
        attempt = 0
        try:
            while not stopping.is_set():
                started = time.monotonic()
                await self._session(stopping)
                attempt = 1 if time.monotonic() - started >= STEADY_SECONDS else attempt + 1
                await _wait(stopping, self._backoff.delay(attempt, random.random()))  # noqa: S311 - jitter
        finally:
            beating.cancel()
            self._health.done(PART)

    async def _session(self, stopping: asyncio.Event) -> None:
        try:
            session = await self._connected()
        except (OSError, TimeoutError) as error:
            self._lost(f"the message centre cannot be reached: {type(error).__name__}")
            return
        try:
            await session.bind(self._centre.bind, transceiver=self._centre.transceiver)
            self._health.ready(PART)
            _log.info("bound to the message centre")
            await session.serve(stopping)
            if not stopping.is_set():
                self._lost("the centre ended the session")
        except LinkLost as lost:
            self._lost(str(lost))
        finally:
            await session.close()

    async def _connected(self) -> Session:
        centre = self._centre
        async with asyncio.timeout(centre.limits.answer):
            reader, writer = await asyncio.open_connection(centre.host, centre.port, ssl=centre.tls)
        return Session(reader, writer, self._accept, centre.limits)

    def _lost(self, why: str) -> None:
        self._health.not_ready(PART, why)
        _log.warning("%s; it is tried again", why)

    async def _beat(self) -> None:
        # every wait of a session has its own limit, so the loop's turning is its progress, a centre away included
        while True:
            self._health.beat(PART)
            await asyncio.sleep(_BEAT_SECONDS)


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
