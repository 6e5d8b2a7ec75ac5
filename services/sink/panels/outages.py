"""Outages that the complaints showed."""

from typing import Final

from services.sink.panels.definition import Kind, Panel

OUTAGES: Final = (
    Panel(
        "incidents_timeline",
        "Incidents",
        "When each outage began and ended; NCC: five LGAs or more, to be reported to the regulator.",
        """
        SELECT concat(cluster, if(isNull(state), '', concat(', ', assumeNotNull(state))),
                      if(isNull(operator), '', concat(', ', assumeNotNull(operator)))) AS incident,
            toTimeZone(started_at, 'Africa/Lagos') AS start,
            toTimeZone(ifNull(ended_at, now64(3)), 'Africa/Lagos') AS end,
            status, level, length(lgas) AS lgas, customers, is_ncc_reportable AS ncc, compensation_due AS compensation
        FROM incidents
        WHERE $__timeFilter_ms(started_at)
        ORDER BY started_at DESC LIMIT 30
        """,
        Kind.SPANS,
        x="incident",
        y=("start", "end"),
        wide=True,
    ),
)
