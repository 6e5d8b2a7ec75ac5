"""Client configuration that keeps the promises, and logs that stay readable while the broker is away."""

import logging

from services.runtime.kafka import QUIET_SECONDS, Seldom, consumer_config, producer_config
from services.runtime.settings import ServiceSettings


def test_producers_wait_for_all_replicas_and_place_customers_as_java_does() -> None:
    config = producer_config(ServiceSettings())
    assert (config["acks"], config["enable.idempotence"], config["partitioner"]) == ("all", True, "murmur2_random")


def test_consumers_read_committed_records_and_commit_by_hand() -> None:
    config = consumer_config(ServiceSettings(topic_prefix="p.", instance="3"), "cleaner")
    assert config["isolation.level"] == "read_committed"
    assert config["enable.auto.commit"] is False
    assert config["partition.assignment.strategy"] == "range"
    assert (config["group.id"], config["group.instance.id"]) == ("p.cleaner", "p.cleaner-3")
    assert "group.instance.id" not in consumer_config(ServiceSettings(static_membership=False), "cleaner")


def test_a_client_says_the_same_thing_once_in_a_while() -> None:
    now = [0.0]
    seldom = Seldom(lambda: now[0])

    def told(message: str) -> bool:
        return seldom.filter(logging.makeLogRecord({"msg": message}))

    assert told("FAIL [rdkafka#producer-1] [thrd:a]: refused")
    assert not told("FAIL [rdkafka#producer-1] [thrd:a]: refused again")
    assert told("FAIL [rdkafka#consumer-2] [thrd:b]: refused")
    assert told("GETPID [rdkafka#producer-1] [thrd:a]: retrying")
    now[0] = QUIET_SECONDS
    assert told("FAIL [rdkafka#producer-1] [thrd:a]: refused")
