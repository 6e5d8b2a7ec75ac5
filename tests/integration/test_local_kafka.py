"""The local Kafka behaves as the pipeline needs it to."""

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.kafka import LocalKafka

pytestmark = pytest.mark.kafka


def _topic(broker: LocalKafka, name: str) -> str:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    return name


def _read(broker: LocalKafka, topic: str, count: int) -> list[bytes]:
    config = {"bootstrap.servers": broker.bootstrap, "group.id": topic, "auto.offset.reset": "earliest"}
    consumer = Consumer(config)
    consumer.subscribe([topic])
    try:
        values: list[bytes] = []
        for _ in range(600):
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                values.append(message.value() or b"")
            if len(values) == count:
                break
        return values
    finally:
        consumer.close()


def test_a_transaction_is_seen_when_committed_and_never_when_aborted(kafka: LocalKafka, prefix: str) -> None:
    topic = _topic(kafka, f"{prefix}transactions")
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": prefix})
    producer.init_transactions(30)
    for value, commit in ((b"aborted", False), (b"committed", True)):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.flush(30)
        producer.commit_transaction(30) if commit else producer.abort_transaction(30)
    assert _read(kafka, topic, 1) == [b"committed"]
