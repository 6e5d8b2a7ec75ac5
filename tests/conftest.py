"""What tests share: one real Kafka a session, one ClickHouse engine a session, and names that no other test uses."""

import uuid
from collections.abc import Iterator

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from deploy.local.clickhouse.server import LocalClickHouse
from deploy.local.java import JavaMissing
from deploy.local.kafka import LocalKafka
from services.runtime.settings import KafkaSettings


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A real broker for the whole session. Isolate tests by `prefix`; start brokers of your own to kill them."""
    broker = LocalKafka(tmp_path_factory.mktemp("kafka") / "data")
    try:
        broker.start()
    except JavaMissing as reason:
        pytest.skip(str(reason))
    yield broker
    broker.stop()


@pytest.fixture
def prefix() -> str:
    """A TOPIC_PREFIX of this test alone."""
    return f"t{uuid.uuid4().hex[:10]}."


@pytest.fixture
def kafka_settings(kafka: LocalKafka, prefix: str) -> KafkaSettings:
    """Settings of the session's broker with a prefix of this test alone; two partitions a topic."""
    return KafkaSettings(kafka_bootstrap_servers=kafka.bootstrap, topic_prefix=prefix, topic_partitions=2)


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalClickHouse]:
    """ClickHouse's engine for the whole session. Isolate tests by `database`; start one of your own to kill it."""
    with LocalClickHouse(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
def database(clickhouse: LocalClickHouse) -> Iterator[str]:
    """A fresh database of this test alone, dropped afterwards."""
    name = f"t{uuid.uuid4().hex[:10]}"
    with _client(clickhouse) as client:
        client.command(f"CREATE DATABASE {name}")
        yield name
        client.command(f"DROP DATABASE IF EXISTS {name} SYNC")


@pytest.fixture
def warehouse(clickhouse: LocalClickHouse, database: str) -> Iterator[Client]:
    """A clickhouse-connect client whose current database is this test's."""
    with _client(clickhouse, database) as client:
        yield client


def _client(server: LocalClickHouse, database: str = "default") -> Client:
    return clickhouse_connect.get_client(dsn=server.url, database=database)
