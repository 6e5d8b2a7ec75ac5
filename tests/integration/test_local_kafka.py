"""The local Kafka behaves as the pipeline needs it to."""

from pathlib import Path

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from deploy.local.kafka import LocalKafka

pytestmark = pytest.mark.kafka


def _topic(broker: LocalKafka, name: str) -> str:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    return name


def _read(broker: LocalKafka, topic: str, count: int) -> list[Message]:
    """The first committed records of a topic of one partition; the test's time limit ends what never comes."""
    config = {"bootstrap.servers": broker.bootstrap, "group.id": topic, "auto.offset.reset": "earliest"}
    consumer = Consumer({**config, "fetch.message.max.bytes": 5_000_000})
    consumer.subscribe([topic])
    found: list[Message] = []
    try:
        while len(found) < count:
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                found.append(message)
        return found
    finally:
        consumer.close()


def _write(broker: LocalKafka, topic: str, value: bytes, **config: str | int) -> None:
    delivered: list[bool] = []
    producer = Producer({"bootstrap.servers": broker.bootstrap, "acks": "all", **config})
    producer.produce(topic, value, on_delivery=lambda error, _: delivered.append(error is None))
    producer.flush()
    assert delivered == [True]


def test_a_transaction_is_seen_when_committed_and_never_when_aborted(kafka: LocalKafka, prefix: str) -> None:
    topic = _topic(kafka, f"{prefix}transactions")
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": prefix})
    producer.init_transactions(30)
    for value, commit in ((b"aborted", False), (b"committed", True)):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.flush(30)
        producer.commit_transaction(30) if commit else producer.abort_transaction(30)
    assert [message.value() for message in _read(kafka, topic, 1)] == [b"committed"]


def test_a_transaction_that_was_left_open_is_aborted_and_frees_its_readers(kafka: LocalKafka, prefix: str) -> None:
    topic = _topic(kafka, f"{prefix}open")
    config = {"bootstrap.servers": kafka.bootstrap, "transactional.id": prefix, "transaction.timeout.ms": 1_000}
    abandoned = Producer(config)
    abandoned.init_transactions(30)
    abandoned.begin_transaction()
    abandoned.produce(topic, b"abandoned")
    abandoned.flush(30)
    _write(kafka, topic, b"behind it")
    assert [message.value() for message in _read(kafka, topic, 1)] == [b"behind it"]
    with pytest.raises(KafkaException) as fenced:
        abandoned.commit_transaction(30)
    assert fenced.value.args[0].code() in (KafkaError.INVALID_PRODUCER_EPOCH, KafkaError._FENCED, KafkaError._STATE)


def test_records_of_four_megabytes_pass_and_bear_the_broker_s_time(kafka: LocalKafka, prefix: str) -> None:
    topic = _topic(kafka, f"{prefix}large")
    _write(kafka, topic, bytes(4 * 1024 * 1024), **{"message.max.bytes": 5_000_000})
    [message] = _read(kafka, topic, 1)
    assert len(message.value() or b"") == 4 * 1024 * 1024
    assert message.timestamp()[0] == TIMESTAMP_LOG_APPEND_TIME


def test_a_topic_that_nobody_made_is_not_made_by_a_producer(kafka: LocalKafka, prefix: str) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "message.timeout.ms": 2_000})
    delivered: list[bool] = []
    producer.produce(f"{prefix}unknown", b"x", on_delivery=lambda error, _: delivered.append(error is None))
    producer.flush()
    assert delivered == [False]
    assert f"{prefix}unknown" not in AdminClient({"bootstrap.servers": kafka.bootstrap}).list_topics(timeout=10).topics


def test_what_was_acknowledged_survives_a_crash_and_settings_can_be_changed(tmp_path: Path) -> None:
    broker = LocalKafka(tmp_path / "data", settings={"num.partitions": "7"})
    with broker:
        topic = _topic(broker, "kept")
        _write(broker, topic, b"one")
        broker.kill()
        assert broker.pid is None
        broker.start()
        _write(broker, topic, b"two")
        assert [message.value() for message in _read(broker, topic, 2)] == [b"one", b"two"]
        resource = ConfigResource(ConfigResource.Type.BROKER, "1")
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        assert admin.describe_configs([resource])[resource].result(30)["num.partitions"].value == "7"
