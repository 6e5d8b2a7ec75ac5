"""Delivers requests over HTTP and records to topics, as the outside world does."""

import asyncio
from collections.abc import Callable, Sequence

import httpx
from confluent_kafka import KafkaError, Message, Producer

from demo.deliveries import Call, Delivery, TopicRecord
from services.runtime import kafka
from services.runtime.errors import PipelineError
from services.runtime.settings import KafkaSettings

CONCURRENT = 8
PATIENCE_SECONDS = 30.0
_AGAIN = frozenset({429, 502, 503, 504})


class Wrong(PipelineError):
    """An answer, or a missing one, that the demo did not expect."""


def deliver(deliveries: Sequence[Delivery], settings: KafkaSettings, step: Callable[[], None]) -> None:
    """Hand over all deliveries, about in their order; step() is called after each.

    Requests are repeated while the service is busy, as gateways do. Wrong: an answer other than the expected one, or
    a broker that does not confirm.
    """
    producer = kafka.producer(settings, delivery_timeout_ms=int(PATIENCE_SECONDS * 1000))
    failures: list[KafkaError] = []
    asyncio.run(_all(deliveries, settings, producer, failures, step))
    if producer.flush(PATIENCE_SECONDS) or failures:
        raise Wrong("the broker did not confirm all records of the demo: is it up?")


async def _all(
    deliveries: Sequence[Delivery],
    settings: KafkaSettings,
    producer: Producer,
    failures: list[KafkaError],
    step: Callable[[], None],
) -> None:
    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error)

    places = asyncio.Semaphore(CONCURRENT)
    async with httpx.AsyncClient(timeout=10.0) as client, asyncio.TaskGroup() as group:

        async def one(call: Call) -> None:
            try:
                await _request(client, call)
            finally:
                places.release()
            step()

        for delivery in deliveries:
            if isinstance(delivery, TopicRecord):
                producer.produce(settings.topic(delivery.topic), delivery.value, delivery.key, on_delivery=delivered)
                producer.poll(0)
                step()
            else:
                await places.acquire()
                group.create_task(one(delivery))


async def _request(client: httpx.AsyncClient, call: Call) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            answer = await client.request(call.method, call.url, content=call.body, headers=dict(call.headers))
            status, said = answer.status_code, answer.text[:200]
        except httpx.TransportError as error:
            status, said = 503, type(error).__name__
        if status == call.answer:
            return
        if status not in _AGAIN or asyncio.get_running_loop().time() > deadline:
            raise Wrong(f"{call.origin}: the answer was {status}, not {call.answer}: {said}")
        await asyncio.sleep(0.5)
