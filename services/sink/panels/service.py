"""Clocks that run, and clocks that ran out."""

from typing import Final

from services.sink.panels.definition import Kind, Panel, Unit

SERVICE: Final = (
    Panel(
        "sla_by_category",
        "Open complaints by category",
        "Open complaints whose clock runs, and those that are late, by category.",
        """
        SELECT category, countIf(NOT is_breached) AS running, countIf(is_breached) AS late
        FROM sla_due GROUP BY category ORDER BY running + late DESC
        """,
        Kind.ROWS,
        x="category",
        y=("running", "late"),
    ),
    Panel(
        "sla_next",
        "Due in the next hours",
        "How many clocks run out in each of the next 48 hours: the work that cannot wait.",
        """
        SELECT toStartOfHour(toTimeZone(due_at, 'Africa/Lagos')) AS hour, count() AS due
        FROM sla_due
        WHERE due_at >= now64(3) AND due_at < now64(3) + INTERVAL 48 HOUR
        GROUP BY hour ORDER BY hour
        """,
        Kind.BARS,
        x="hour",
        y=("due",),
    ),
    Panel(
        "delay_by_channel",
        "Reporting delay by channel",
        "From the complaint to its receipt; files and forms come when they are loaded.",
        """
        SELECT channel, quantile(0.5)(delay) AS p50, quantile(0.95)(delay) AS p95
        FROM (
            SELECT channel, greatest(0, dateDiff('millisecond', occurred_at, received_at)) / 1000 AS delay
            FROM complaints WHERE $__timeFilter_ms(received_at))
        GROUP BY channel ORDER BY p50
        """,
        Kind.ROWS,
        Unit.SECONDS,
        x="channel",
        y=("p50", "p95"),
        log=True,
    ),
    Panel(
        "statuses",
        "Status",
        "How far complaints have come, by TM Forum's status.",
        """
        SELECT status, count() AS complaints
        FROM complaints WHERE is_complaint AND isNull(duplicate_of) AND $__timeFilter_ms(occurred_at)
        GROUP BY status ORDER BY complaints DESC
        """,
        Kind.ROWS,
        x="status",
        y=("complaints",),
    ),
    Panel(
        "sla_list",
        "Due first",
        "The fifteen open complaints whose clock runs out first, or ran out longest ago within a week.",
        """
        SELECT toTimeZone(due_at, 'Africa/Lagos') AS due, priority, category, channel, ifNull(state, '') AS state,
            status, if(is_breached, 'late', 'running') AS clock, toString(complaint_id) AS complaint
        FROM sla_due
        WHERE due_at >= now64(3) - INTERVAL 7 DAY
        ORDER BY priority, due_at LIMIT 15
        """,
        Kind.TABLE,
        wide=True,
    ),
)
