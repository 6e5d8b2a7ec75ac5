"""The SMPP receiver as a process, between a message centre and a real Kafka."""

import asyncio
import base64
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from services.runtime import topics
from services.runtime.settings import KafkaSettings
from tests.integration.test_ingest_sms import free_port, read
from tests.unit.ingest_sms.smpp.centre import UNBIND, MessageCentre, text_pdu

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
PATIENCE = 90.0


@contextlib.asynccontextmanager
async def receiver(centre: MessageCentre, tmp_path: Path, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, bound to the centre; killed at the end if it still runs."""
    key, password = tmp_path / "id.key", tmp_path / "password"
    key.write_text(base64.b64encode(bytes(range(32))).decode())
    password.write_text("secret\n")
    login = {"SMPP_HOST": "127.0.0.1", "SMPP_PORT": str(centre.port), "SMPP_SYSTEM_ID": "beejan"}
    files = {"SMPP_PASSWORD_FILE": str(password), "ID_KEY_FILE": str(key)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ingest_sms", "smpp", cwd=ROOT, env={**os.environ, **login, **files, **env}
    )
    try:
        async with asyncio.timeout(PATIENCE):
            await centre.bound.wait()
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_a_message_reaches_bronze_and_sigterm_unbinds(
    kafka: LocalKafka, kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    topics.ensure(kafka_settings)
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_settings.kafka_bootstrap_servers,
        "TOPIC_PREFIX": kafka_settings.topic_prefix,
    }

    async def go() -> None:
        async with MessageCentre() as centre, receiver(centre, tmp_path, **env) as process:
            while (status := await centre.deliver(text_pdu(b"No network in Yaba"))) == 0x64:
                continue  # the producer's first connection to the broker
            assert status == 0
            process.send_signal(signal.SIGTERM)
            await centre.awaited(lambda pdu: pdu[0] == UNBIND)
            assert await process.wait() == 0

    asyncio.run(go())
    events = read(kafka_settings, "bronze.realtime", "BronzeEvent")
    assert {(event["source"], event["text"]) for event in events} == {("sms:smpp", "No network in Yaba")}
    assert "http:ingest-sms" in {entry["topic"] for entry in read(kafka_settings, "ledger", "LedgerEntry")}


def test_without_a_broker_the_centre_is_told_to_try_again(tmp_path: Path) -> None:
    async def go() -> None:
        env = {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"}
        async with MessageCentre() as centre, receiver(centre, tmp_path, **env) as process:
            assert await centre.deliver(text_pdu(b"No network in Yaba")) == 0x64
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0

    asyncio.run(go())
