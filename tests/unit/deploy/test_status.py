"""The table of `make status`."""

from prometheus_client import CollectorRegistry, generate_latest

from deploy.local.status import PartStatus, counters, table
from services.runtime.metrics import Metrics


def test_a_metrics_page_becomes_a_phrase() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.counter("events_consumed").labels("cleaner", "bronze.realtime").inc(1_200)
    metrics.counter("events_consumed").labels("cleaner", "bronze.batch").inc(34)
    metrics.counter("dead_letters").labels("cleaner", "bad_schema").inc()
    metrics.counter("http_requests").labels("ingest_sms", "/v1/sms/{gateway}", "200").inc(5)
    metrics.counter("http_requests").labels("ingest_sms", "/health/ready", "200").inc(99)
    page = generate_latest(metrics.registry).decode()
    assert counters(page) == "in 1,234, dead 1, requests 5"
    assert counters("") == "nothing yet"


def test_the_table_is_aligned_and_sums_the_memory() -> None:
    lines = [
        PartStatus("kafka", "127.0.0.1:9092", 12, "ready", 300, "18 topics", 0),
        PartStatus("cleaner", "http://127.0.0.1:8093", None, "down", 0, "", 2),
    ]
    head, kafka, cleaner, total = table(lines).splitlines()
    assert head.index("state") == kafka.index("ready") == cleaner.index("down")
    assert total == "memory of all parts: 300 MB"
