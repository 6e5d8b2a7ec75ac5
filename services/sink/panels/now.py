"""The strip on top: how things stand now."""

from typing import Final

from services.sink.panels.definition import Kind, Panel, Unit

NOW: Final = (
    Panel(
        "volume_total",
        "Complaints",
        "Complaints and all contacts in the period; contacts include reposts, praise and questions.",
        """
        SELECT sum(complaints) AS complaints, sum(contacts) AS contacts
        FROM complaint_volume WHERE period = 'day' AND $__dateFilter(period_start)
        """,
        Kind.STAT,
        y=("complaints", "contacts"),
    ),
    Panel(
        "open_now",
        "Open",
        "Open complaints with a running clock, those that are late, and those of priority P1.",
        "SELECT count() AS open, countIf(is_breached) AS breached, countIf(priority = 'P1') AS p1 FROM sla_due",
        Kind.STAT,
        y=("open", "breached", "p1"),
        good={"breached": 0},
    ),
    Panel(
        "reporting_delay",
        "Reporting delay",
        "From the customer's complaint to its receipt, realtime channels: what used to be weeks.",
        """
        SELECT quantile(0.5)(delay) AS p50, quantile(0.95)(delay) AS p95
        FROM (
            SELECT greatest(0, dateDiff('millisecond', occurred_at, received_at)) / 1000 AS delay
            FROM complaints WHERE lane = 'realtime' AND $__timeFilter_ms(received_at))
        """,
        Kind.STAT,
        Unit.SECONDS,
        y=("p50", "p95"),
    ),
    Panel(
        "pipeline_latency",
        "Pipeline latency",
        "From receipt to the row that a query finds, realtime lane.",
        """
        SELECT quantile(0.5)(latency) AS p50, quantile(0.95)(latency) AS p95
        FROM (
            SELECT dateDiff('millisecond', received_at, loaded_at) / 1000 AS latency
            FROM complaint_events WHERE lane = 'realtime' AND generation = 0 AND $__timeFilter_ms(received_at))
        """,
        Kind.STAT,
        Unit.SECONDS,
        y=("p50", "p95"),
    ),
    Panel(
        "freshness",
        "Freshness",
        "Age of the newest row: how old what you see is at most, while complaints come in.",
        "SELECT dateDiff('millisecond', max(loaded_at), now64(3)) / 1000 AS newest FROM complaint_events",
        Kind.STAT,
        Unit.SECONDS,
        y=("newest",),
    ),
    Panel(
        "missing",
        "Reconciliation",
        "Records that the proof misses or finds doubled, over all layers: both must be 0.",
        "SELECT sum(missing) AS missing, sum(surplus) AS doubled FROM reconciliation",
        Kind.STAT,
        y=("missing", "doubled"),
        good={"missing": 0, "doubled": 0},
    ),
)
