"""Expands Grafana's ClickHouse macros and variables as its plugin does, so that a panel's query runs without Grafana.

Only the macros that our panels use; expansions as in grafana-clickhouse-datasource 4.20.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_MACRO: Final = re.compile(r"\$__(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?")
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|([a-z]\w*))")


def expand(sql: str, start: datetime, end: datetime, variables: Mapping[str, str] | None = None) -> str:
    """The query for a range of time, both ends aware. ValueError for a macro or variable that is not known.

    >>> at = datetime(2014, 11, 12, 11, 45, 26, tzinfo=UTC)
    >>> expand("SELECT 1 WHERE $__timeFilter(at)", at, at)
    'SELECT 1 WHERE at >= toDateTime(1415792726) AND at <= toDateTime(1415792726)'
    """

    def macro(match: re.Match[str]) -> str:
        name, argument = match[1], (match[2] or "").strip()
        first, last = int(start.timestamp()), int(end.timestamp())
        first_ms, last_ms = round(start.timestamp() * 1000), round(end.timestamp() * 1000)
        known = {
            "timeFilter": f"{argument} >= toDateTime({first}) AND {argument} <= toDateTime({last})",
            "timeFilter_ms": f"{argument} >= fromUnixTimestamp64Milli({first_ms}) "
            f"AND {argument} <= fromUnixTimestamp64Milli({last_ms})",
            "dateFilter": f"{argument} >= toDate('{start.astimezone(UTC):%Y-%m-%d}') "
            f"AND {argument} <= toDate('{end.astimezone(UTC):%Y-%m-%d}')",
            "fromTime_ms": f"fromUnixTimestamp64Milli({first_ms})",
            "toTime_ms": f"fromUnixTimestamp64Milli({last_ms})",
        }
        if name not in known:
            raise ValueError(f"unknown macro $__{name}")
        return known[name]

    def variable(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if variables is None or name not in variables:
            raise ValueError(f"no value for the variable ${name}")
        return variables[name]

    return _VARIABLE.sub(variable, _MACRO.sub(macro, sql))
