"""Delivers requests over HTTP and records to topics, as the outside world does."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from confluent_kafka import KafkaError, Message

from demo.deliveries import Call, Delivery, TopicRecord
from services.runtime import kafka
from services.runtime.errors import PipelineError
from services.runtime.settings import KafkaSettings

CONCURRENT = 8
PATIENCE_SECONDS = 15.0
PAUSE_SECONDS = 0.5
_AGAIN = frozenset({429, 502, 503, 504})


class Wrong(PipelineError):
    """Answers that were not the expected ones, or a broker that did not confirm."""


@dataclass(slots=True)
class _Failures:
    answers: list[str] = field(default_factory=list)
    records: int = 0

    def delivered(self, error: KafkaError | None, _: Message) -> None:
        self.records += error is not None

    def check(self) -> None:
        if self.answers:
            more = f" (and {len(self.answers) - 1} others)" if len(self.answers) > 1 else ""
            raise Wrong(f"{self.answers[0]}{more}")
        if self.records:
            raise Wrong(f"the broker did not confirm {self.records} records: is it up?")


def deliver(waves: Sequence[Sequence[Delivery]], settings: KafkaSettings, step: Callable[[], None]) -> None:
    """Hand over all deliveries, wave by wave, within a wave about in their order; step() is called after each.

    Requests are repeated while a service is busy or away, as gateways do; a service that has not answered for
    PATIENCE_SECONDS is given up. Wrong, at the end: what was not answered as expected.
    """
    asyncio.run(_deliver(waves, settings, step))


async def _deliver(waves: Sequence[Sequence[Delivery]], settings: KafkaSettings, step: Callable[[], None]) -> None:
    producer = kafka.producer(settings, delivery_timeout_ms=int(PATIENCE_SECONDS * 1000))
    failures = _Failures()
    patience = _Patience()
    places = asyncio.Semaphore(CONCURRENT)
    async with httpx.AsyncClient(timeout=10.0) as client:

        async def one(call: Call) -> None:
            fault = await _request(client, call, patience)
            if fault:
                failures.answers.append(fault)
            places.release()
            step()

        for wave in waves:
            async with asyncio.TaskGroup() as group:
                for delivery in wave:
                    if isinstance(delivery, TopicRecord):
                        topic = settings.topic(delivery.topic)
                        producer.produce(topic, delivery.value, delivery.key, on_delivery=failures.delivered)
                        producer.poll(0)
                        step()
                    else:
                        await places.acquire()
                        group.create_task(one(delivery))
    failures.records += producer.flush(PATIENCE_SECONDS)
    failures.check()


class _Patience:
    """One for all requests to a service: one that is gone is waited for once, not once a message."""

    def __init__(self) -> None:
        self._deadlines: dict[str, float] = {}

    def answered(self, call: Call) -> None:
        """The service is there."""
        self._deadlines.pop(urlsplit(call.url).netloc, None)

    async def more(self, call: Call) -> bool:
        """Wait a little; whether there is time for one more try."""
        now = asyncio.get_running_loop().time()
        if now > self._deadlines.setdefault(urlsplit(call.url).netloc, now + PATIENCE_SECONDS):
            return False
        await asyncio.sleep(PAUSE_SECONDS)
        return True


async def _request(client: httpx.AsyncClient, call: Call, patience: _Patience) -> str:
    """Send until the answer is final; what was wrong with it, without the message's content, or nothing."""
    while True:
        try:
            answer = await client.request(call.method, call.url, content=call.body, headers=dict(call.headers))
            status, said = answer.status_code, f"the answer was {answer.status_code}, not {call.answer}"
        except httpx.TransportError as error:
            status, said = 503, f"no answer ({type(error).__name__})"
        if status == call.answer:
            patience.answered(call)
            return ""
        if status not in _AGAIN or not await patience.more(call):
            return f"{call.origin}: {said}"
