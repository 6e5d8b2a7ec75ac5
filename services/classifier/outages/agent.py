"""The Faust side of the outage detector: an agent over the observations, a table of what was learned, a timer.

Faust's promises are narrower than they look (docs/decisions): an exception in an agent acknowledges the event, take()
acknowledges what was not handled, and a table's changelog is not flushed before a commit. So the body is total, the
batch comes from noack_take() and is acknowledged after the incidents are committed, and the table holds only what may
be learned again from the topic.
"""

import asyncio
import logging
from collections.abc import AsyncIterable
from typing import Any

import faust
from faust.types import TP

from services.classifier.outages.desk import Desk, Received
from services.classifier.outages.log import OBSERVATIONS
from services.runtime.codec import codec_of
from services.runtime.settings import ServiceSettings

BATCH = 2_000
WITHIN_SECONDS = 0.25
TICK_SECONDS = 5.0
_log = logging.getLogger(__name__)


def attach(app: faust.App, settings: ServiceSettings) -> None:
    """Register the agent, its table and its timer on a Faust application."""
    desk = Desk(settings, codec_of(settings), getattr(settings, "planned_outages_file", None))
    topic = app.topic(
        settings.topic(OBSERVATIONS), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )
    learned = app.Table("outage-expectations", partitions=1, use_partitioner=True)
    seat = _Seat(TP(settings.topic(OBSERVATIONS), 0))

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]
    async def _assigned(_: Any, assigned: set[TP], **__: Any) -> None:
        seat.is_assigned = seat.partition in assigned

    @app.on_rebalance_complete.connect  # type: ignore[untyped-decorator]
    async def _recovered(*_: Any, **__: Any) -> None:
        seat.is_recovered = True

    @app.on_partitions_revoked.connect  # type: ignore[untyped-decorator]
    async def _revoked(_: Any, revoked: set[TP], **__: Any) -> None:
        if seat.partition in revoked:
            seat.is_assigned = seat.is_recovered = seat.is_taken = False
            await asyncio.to_thread(desk.close)

    async def take_seat() -> bool:
        """Open the desk where this instance owns the partition; whether it is open."""
        async with seat.lock:
            if seat.is_assigned and not seat.is_taken:
                await asyncio.to_thread(desk.open, dict(learned.items()))
                seat.is_taken = seat.is_assigned
        return seat.is_taken

    @app.timer(interval=TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def _tick() -> None:
        if seat.is_recovered:
            try:
                if await take_seat():
                    await asyncio.to_thread(desk.tick)
            except Exception as error:
                await _end(app, error)

    @app.agent(topic, name="outage-detector", concurrency=1)  # type: ignore[untyped-decorator]
    async def detect(stream: AsyncIterable[Any]) -> None:
        try:
            async for events in stream.noack_take(BATCH, within=WITHIN_SECONDS):  # type: ignore[attr-defined]
                if not await take_seat():
                    continue  # left over from before a rebalance: the new owner reads them again
                changed = await asyncio.to_thread(desk.handle, [_received(event) for event in events])
                if changed is None:
                    continue
                for name, snapshot in changed.items():
                    learned[name] = snapshot
                for event in events:
                    event.ack()
        except Exception as error:
            await _end(app, error)
            await asyncio.Event().wait()  # returning would acknowledge what was not handled


class _Seat:
    """Whether this instance owns the partition, and whether its detector has taken it over."""

    def __init__(self, partition: TP) -> None:
        self.partition = partition
        self.lock = asyncio.Lock()
        self.is_assigned = False
        self.is_recovered = False
        """The table has come back: what was learned can be read."""
        self.is_taken = False


async def _end(app: faust.App, error: Exception) -> None:
    """End the process before anything is acknowledged; the next start restores and reads the batch again."""
    _log.error("outage detector failed", exc_info=error)
    await app.crash(error)


def _received(event: Any) -> Received:
    message = event.message
    timestamp = int((message.timestamp or 0.0) * 1000)
    return Received(message.offset, timestamp, message.key, message.value)
