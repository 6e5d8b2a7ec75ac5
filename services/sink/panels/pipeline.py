"""Whether the pipeline itself is well."""

from typing import Final

from services.sink.panels.definition import Kind, Panel, Unit

PIPELINE: Final = (
    Panel(
        "latency_over_time",
        "Pipeline latency",
        "From receipt to the queryable row, realtime lane, by minute of the last two hours that had events.",
        """
        SELECT toStartOfMinute(toTimeZone(received_at, 'Africa/Lagos')) AS minute,
            quantile(0.5)(latency) AS p50, quantile(0.95)(latency) AS p95
        FROM (
            SELECT received_at, dateDiff('millisecond', received_at, loaded_at) / 1000 AS latency
            FROM complaint_events
            WHERE lane = 'realtime' AND generation = 0 AND $__timeFilter_ms(received_at) AND received_at >=
                (SELECT max(received_at) - INTERVAL 2 HOUR FROM complaint_events WHERE lane = 'realtime'))
        GROUP BY minute ORDER BY minute
        """,
        Kind.LINES,
        Unit.SECONDS,
        x="minute",
        y=("p50", "p95"),
    ),
    Panel(
        "latency_by_step",
        "Where the time goes",
        "Median seconds that an event spends on each step, by lane.",
        """
        SELECT step, avgIf(seconds, lane = 'realtime') AS realtime, avgIf(seconds, lane = 'batch') AS batch
        FROM (
            SELECT lane, steps.1 AS step, steps.2 AS seconds
            FROM (
                SELECT lane, arrayJoin([
                    ('1 clean', quantile(0.5)(dateDiff('millisecond', received_at, cleaned_at) / 1000)),
                    ('2 classify', quantile(0.5)(dateDiff('millisecond', cleaned_at, classified_at) / 1000)),
                    ('3 load', quantile(0.5)(dateDiff('millisecond', classified_at, loaded_at) / 1000))]) AS steps
                FROM complaint_events WHERE generation = 0 AND $__timeFilter_ms(received_at) GROUP BY lane))
        GROUP BY step ORDER BY step
        """,
        Kind.ROWS,
        Unit.SECONDS,
        x="step",
        y=("realtime", "batch"),
    ),
    Panel(
        "dead_letters_by_reason",
        "Dead letters by reason",
        "Records that could not be processed, kept whole; the command dead-letters lists and replays them.",
        """
        SELECT reason, count() AS letters FROM dead_letters WHERE $__timeFilter_ms(failed_at)
        GROUP BY reason ORDER BY letters DESC
        """,
        Kind.ROWS,
        x="reason",
        y=("letters",),
    ),
    Panel(
        "flow",
        "What each service did",
        "Records read and what became of them, from the ledger.",
        """
        SELECT service, sum(read) AS read, sum(split) AS split, sum(written) AS written, sum(joined) AS joined,
            sum(ignored) AS ignored, sum(redelivered) AS redelivered, sum(dead) AS dead
        FROM ledger WHERE $__timeFilter_ms(log_hour) GROUP BY service ORDER BY service
        """,
        Kind.TABLE,
    ),
    Panel(
        "reconciliation_by_layer",
        "Reconciliation",
        "What each layer announced and what the next one found; the command reconcile names what is missing.",
        """
        SELECT r.layer AS layer, sum(r.expected) AS announced, sum(r.found) AS found, sum(r.missing) AS missing,
            sum(r.surplus) AS doubled, sum(r.in_flight) AS flying,
            multiIf(missing > 0, 'missing', doubled > 0, 'doubled', flying > 0, 'in flight', 'balanced') AS verdict
        FROM reconciliation AS r WHERE $__timeFilter_ms(r.hour)
        GROUP BY r.layer
        ORDER BY indexOf(['bronze', 'silver', 'gold', 'warehouse', 'facts', 'dead-letters', 'ledger'], layer)
        """,
        Kind.TABLE,
        wide=True,
    ),
)
