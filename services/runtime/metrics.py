"""The one catalogue of metrics. Labels never hold a customer, a number or free text.

Each entry says what to do when it moves; docs/operations.md is made from it.
"""

from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.registry import REGISTRY

PREFIX: Final = "complaints_"
LATENCY_BUCKETS: Final = (
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    1.5,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    3_600.0,
    86_400.0,
)
BATCH_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is. `name` without prefix and, for counters, without _total."""

    name: str
    kind: type[Counter] | type[Gauge] | type[Histogram]
    help: str
    labels: tuple[str, ...]
    when_it_moves: str
    buckets: tuple[float, ...] = ()

    def create(self, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
        """The Prometheus object."""
        if self.kind is Histogram:
            return Histogram(PREFIX + self.name, self.help, self.labels, registry=registry, buckets=self.buckets)
        return self.kind(PREFIX + self.name, self.help, self.labels, registry=registry)


CATALOGUE: Final = (
    Metric("events_consumed", Counter, "Records taken in by committed batches.", ("service", "topic"),
           "Flat while producers send: the service is stuck or its inputs are silent."),
    Metric("events_produced", Counter, "Records given out by committed batches.", ("service", "topic"),
           "Falls behind events_consumed: look at dead letters and redeliveries."),
    Metric("dead_letters", Counter, "Records sent to dead-letters.", ("service", "reason"),
           "Above 1 %: list them (python -m services.runtime dead-letters list), mend the source, replay."),
    Metric("redeliveries_dropped", Counter, "Records dropped as second deliveries.", ("service",),
           "A jump: a gateway retries because our answers are late, or a file was loaded twice."),
    Metric("reposts_marked", Counter, "Events marked as reposts of an earlier one.", ("service",),
           "A jump: customers repeat themselves because nobody answers."),
    Metric("pii_masked", Counter, "Identifiers masked.", ("type",),
           "A type falls to zero: a recogniser broke; check python -m services.cleaner evaluate."),
    Metric("leaks_stopped", Counter, "Events stopped by the scan after masking.", ("type",),
           "Any: page. Masking missed a form; the event is in dead-letters."),
    Metric("classified", Counter, "Events classified.", ("category", "priority"),
           "A category explodes: look at incidents; `other` grows: the model needs new examples."),
    Metric("sink_rows", Counter, "Rows inserted into ClickHouse.", ("table",),
           "Flat while gold grows: ClickHouse is away or refuses."),
    Metric("batch_seconds", Histogram, "Time of one batch, from handler to commit.", ("service",),
           "Grows: the broker is slow, or batches are huge because there is lag.", BATCH_BUCKETS),
    Metric("end_to_end_seconds", Histogram, "From occurred_at to the commit of the layer.", ("channel", "layer"),
           "p95 above target on sms: look at consumer_lag by service.", LATENCY_BUCKETS),
    Metric("consumer_lag", Gauge, "Records between position and end of partition.",
           ("service", "topic", "partition"), "Grows: add instances, up to the number of partitions."),
    Metric("last_event_timestamp_seconds", Gauge, "occurred_at of the youngest event seen.", ("channel",),
           "Stands still: a channel is silent."),
    Metric("reconciliation_missing", Gauge, "Records that the proof misses.", ("layer",),
           "Above 0: page. Run python -m services.sink reconcile."),
    Metric("http_requests", Counter, "HTTP requests answered.", ("service", "route", "status"),
           "5xx or 429 grow: the broker does not keep up; 401: a gateway's secret is wrong."),
    Metric("http_request_seconds", Histogram, "Time to answer, acknowledgement of the broker included.",
           ("service", "route"), "p99 grows: broker latency.", BATCH_BUCKETS),
    Metric("records_ignored", Counter, "Records ignored for a reason of the closed list.", ("service", "reason"),
           "delivery_receipt grows: fine; own_post grows: a campaign."),
    Metric("transactions_aborted", Counter, "Transactions given up and read again.", ("service",),
           "Grows: rebalances or broker trouble; nothing is lost."),
    Metric("restored_records", Counter, "Changelog records read to restore state.", ("service",),
           "Grows without restarts: partitions move to and fro."),
    Metric("feed_failures", Counter, "Polls of a social feed that failed.", ("feed",),
           "Grows: the network limits or refuses us; the log says which and why."),
    Metric("partitions_paused", Gauge, "Partitions stopped by the dead-letter limit.", ("service", "topic"),
           "Above 0: a source sends rubbish; inspect, mend, then resume by command."),
)  # fmt: skip


class Metrics:
    """The catalogue's metrics in one registry, by name: metrics.counter("dead_letters").labels(...).inc()."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry
        self._made = {metric.name: metric.create(registry) for metric in CATALOGUE}

    def counter(self, name: str) -> Counter:
        """A counter of the catalogue."""
        found = self._made[name]
        if not isinstance(found, Counter):
            raise TypeError(f"{name} is no counter")
        return found

    def gauge(self, name: str) -> Gauge:
        """A gauge of the catalogue."""
        found = self._made[name]
        if not isinstance(found, Gauge):
            raise TypeError(f"{name} is no gauge")
        return found

    def histogram(self, name: str) -> Histogram:
        """A histogram of the catalogue."""
        found = self._made[name]
        if not isinstance(found, Histogram):
            raise TypeError(f"{name} is no histogram")
        return found


_process_wide: list[Metrics] = []


def metrics() -> Metrics:
    """The metrics of this process, made at first use."""
    if not _process_wide:
        _process_wide.append(Metrics())
    return _process_wide[0]
