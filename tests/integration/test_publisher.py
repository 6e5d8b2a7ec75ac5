"""Acknowledged means that the broker has it; a broker that is away makes it refuse soon, and lose nothing."""

import asyncio
import signal
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from services.runtime import topics
from services.runtime.errors import BrokerBusy, CodecError
from services.runtime.publish import DELIVERY_TIMEOUT_MS, BlockingPublisher, Publication, Publisher
from services.runtime.settings import KafkaSettings, ServiceSettings
from tests.integration.stages import CODEC, committed, settings_for

pytestmark = pytest.mark.kafka


def _publication(number: int) -> Publication:
    return Publication("bronze.realtime", b"key", b"value %d" % number)


def test_what_was_acknowledged_is_in_the_topic_and_in_the_ledger(kafka_settings: KafkaSettings) -> None:
    settings = settings_for(kafka_settings)
    topics.ensure(settings)

    async def publish() -> None:
        async with Publisher(settings, "ingest-sms") as publisher:
            await asyncio.gather(*(publisher.publish([_publication(n)]) for n in range(50)))
            await publisher.publish([_publication(50), Publication("dead-letters", None, b"x")])

    asyncio.run(publish())
    found = committed(settings, "bronze.realtime", "ledger")
    assert {m.value() for m in found["bronze.realtime"]} == {b"value %d" % n for n in range(51)}
    entries = [CODEC.decode("LedgerEntry", message.value()) for message in found["ledger"]]
    assert sum(entry["written"] for entry in entries) == 51
    assert sum(entry["dead"] for entry in entries) == 1
    assert {entry["topic"] for entry in entries} == {"http:ingest-sms"}


def test_a_value_above_its_limit_is_refused_before_anything_is_sent(kafka_settings: KafkaSettings) -> None:
    settings = settings_for(kafka_settings)
    topics.ensure(settings)
    large = Publication("ingest.sms", None, b"x" * 1_100_000)
    with pytest.raises(CodecError) as refused:
        BlockingPublisher(settings).publish([Publication("ingest.sms", None, b"small"), large])
    assert refused.value.reason == "oversize"
    assert committed(settings, "ingest.sms")["ingest.sms"] == []


def test_a_broker_that_hangs_makes_it_refuse_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    assert DELIVERY_TIMEOUT_MS < 2_000, "HTTP must answer 503 within 2 seconds"
    with LocalKafka(tmp_path / "kafka") as broker:
        settings = ServiceSettings(kafka_bootstrap_servers=broker.bootstrap, topic_partitions=1)
        topics.ensure(settings, ["bronze.realtime", "ledger"])

        async def publish() -> None:
            async with Publisher(settings, "ingest-sms") as publisher:
                await publisher.publish([_publication(0)])
                broker.signal(signal.SIGSTOP)
                try:
                    with pytest.raises(BrokerBusy):
                        await publisher.publish([_publication(1)])
                finally:
                    broker.signal(signal.SIGCONT)

        asyncio.run(publish())
        values = [m.value() for m in committed(settings, "bronze.realtime")["bronze.realtime"]]
    assert values[0] == b"value 0"
