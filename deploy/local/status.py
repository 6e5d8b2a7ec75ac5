"""How the stack stands: where each part listens, whether it is ready, its memory, and what it has processed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psutil
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.services import get
from deploy.local.supervisor import State

_COUNTERS = {
    "complaints_events_consumed_total": "in",
    "complaints_events_produced_total": "out",
    "complaints_sink_rows_total": "rows",
    "complaints_redeliveries_dropped_total": "redelivered",
    "complaints_dead_letters_total": "dead",
    "complaints_http_requests_total": "requests",
}
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One line of the table."""

    name: str
    listens: str
    pid: int | None
    state: str
    """ready, not ready, or down"""
    memory_mb: int
    processed: str
    restarts: int


def parts(state: State) -> list[PartStatus]:
    """The status of every part that the supervisor runs, and of the servers that were given to it."""
    given = [{"name": name, "pid": None, "url": "", "restarts": 0} for name in state.given]
    return [_part(part, state) for part in [*given, *state.parts]]


def _part(part: dict[str, Any], state: State) -> PartStatus:
    name, pid, env = part["name"], part["pid"], state.env
    if name == "kafka":
        listens, processed = env["KAFKA_BOOTSTRAP_SERVERS"], kafka_summary(env["KAFKA_BOOTSTRAP_SERVERS"])
    elif name == "clickhouse":
        listens, processed = env["CLICKHOUSE_URL"], clickhouse_summary(env["CLICKHOUSE_URL"])
    else:
        listens = part["url"]
        ready = get(f"{listens}/health/ready") is not None
        processed = counters(get(f"{listens}/metrics") or "") if ready else None
    ready_or_not = "not ready" if processed is None else "ready"
    shown = ready_or_not if pid is not None or name in state.given else "down"
    return PartStatus(name, listens, pid, shown, _memory(pid), processed or "", part["restarts"])


def counters(metrics: str) -> str:
    r"""The pipeline's counters of a /metrics page in one phrase.

    >>> counters('complaints_events_consumed_total{service="cleaner",topic="bronze.batch"} 3.0\n')
    'in 3'
    """
    sums = dict.fromkeys(_COUNTERS.values(), 0.0)
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            probe = sample.labels.get("route", "").startswith(("/health", "/metrics"))
            if sample.name in _COUNTERS and not probe:
                sums[_COUNTERS[sample.name]] += sample.value
    return ", ".join(f"{word} {value:,.0f}" for word, value in sums.items() if value) or "nothing yet"


def kafka_summary(bootstrap: str) -> str | None:
    """How many topics and partitions the broker holds; None when it does not answer."""
    try:
        found = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=3)
    except KafkaException:
        return None
    topics = [topic for name, topic in found.topics.items() if not name.startswith("__")]
    return f"{len(topics)} topics, {sum(len(topic.partitions) for topic in topics)} partitions"


def clickhouse_summary(url: str) -> str | None:
    """How many rows the warehouse holds, if it tells; None when it does not answer."""
    if get(f"{url.rstrip('/')}/ping") is None:
        return None
    sql = "SELECT uniqExact(database, table), sum(rows) FROM system.parts WHERE active AND database != 'system'"
    told = get(f"{url.rstrip('/')}/?query={quote(sql)}")
    if told is None:
        return "rows are not shown to the default user"
    tables, rows = told.split()
    return f"{int(tables):,} tables with data, {int(rows):,} rows"


def _memory(pid: int | None) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss / _MEGABYTE) if pid else 0
    except psutil.Error:
        return 0


def table(lines: list[PartStatus]) -> str:
    """The lines as text."""
    head = ("part", "listens on", "pid", "state", "memory", "restarts", "processed")
    rows = [
        (
            line.name,
            line.listens,
            str(line.pid or "-"),
            line.state,
            f"{line.memory_mb} MB" if line.memory_mb else "-",
            str(line.restarts),
            line.processed,
        )
        for line in lines
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    ]
    total = sum(line.memory_mb for line in lines)
    return "\n".join([*text, f"memory of all parts: {total:,} MB"])
