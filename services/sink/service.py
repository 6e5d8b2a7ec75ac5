"""The running sink: a lander for each lane and one for the small topics, health and metrics, and an orderly end."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from services.runtime import health as health_server
from services.runtime.codec import codec_of
from services.runtime.health import Health
from services.runtime.logs import configure
from services.runtime.registry import registry_at
from services.runtime.settings import load
from services.sink.account import SERVICE, Account
from services.sink.buffer import Limits
from services.sink.inserter import Inserter
from services.sink.lander import Lander
from services.sink.membership import GroupMember
from services.sink.priority import Priority
from services.sink.ranges import Range
from services.sink.settings import SinkSettings
from services.sink.targets import targets
from services.sink.upkeep import DUTY, Upkeep

_log = logging.getLogger(__name__)

GROUP: Final = "sink"
LANES: Final = {
    "realtime": ("gold.realtime",),
    "batch": ("gold.batch",),
    # small topics, that nobody waits for within a second
    "records": ("ledger", "dead-letters", "incidents"),
}

RECORDS_FLUSH_MS: Final = 1_000
"""Ledger entries come by many partitions, few at a time: inserted seldom they leave ClickHouse to complaints."""

Step = Callable[[str, Range | None], None]


def lander_of(
    settings: SinkSettings,
    topics: Sequence[str],
    *,
    turn: Callable[[bool], bool] = lambda _behind: True,
    beat: Callable[[], None] = lambda: None,
    step: Step = lambda _name, _range: None,
) -> Lander:
    """A lander of some topics with clients of its own."""
    codec, registry = codec_of(settings), registry_at(settings.schema_registry_url)
    inserter = Inserter(settings)
    flush = settings.sink_flush_ms if any(topic.startswith("gold.") for topic in topics) else RECORDS_FLUSH_MS
    seconds = max(flush, settings.sink_flush_ms) / 1000
    packers = targets(codec, registry, inserter.columns)
    return Lander(
        {topic: packers[topic] for topic in topics},
        inserter.insert,
        Account(settings, codec, registry),
        Limits(settings.sink_flush_rows, settings.sink_flush_bytes, seconds),
        fence_after=settings.session_timeout_ms / 3000,
        turn=turn,
        beat=beat,
        step=step,
    )


def join(
    settings: SinkSettings, lane: str, topics: Sequence[str], ready: Callable[[], None]
) -> Callable[[Lander], GroupMember]:
    """How a lander of a lane joins the group: each lane is a member of its own, so neither waits for the other."""

    def joining(lander: Lander) -> GroupMember:
        def assigned(*told: object) -> None:
            lander.assigned(*told)  # type: ignore[arg-type]
            ready()

        return GroupMember(
            settings,
            GROUP,
            topics,
            assigned,
            lander.revoked,
            suffix=f"-{lane}",
            # what one poll may bring before the next is asked for
            queued_min_messages=settings.sink_flush_rows,
            # the lanes join one after the other: each learns of it by its heartbeat
            heartbeat_interval_ms=500,
        )

    return joining


def serve(settings: SinkSettings) -> int:
    """Run until SIGTERM or SIGINT; the round at hand is finished, or given up while the warehouse is away."""
    configure(SERVICE, settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    health = Health()
    priority = Priority(settings.batch_lane_share)
    turns = {"realtime": priority.realtime, "batch": priority.batch}
    threads = []
    landers = {}
    for lane, topics in LANES.items():
        health.expect(lane)
        lander = landers[lane] = lander_of(
            settings,
            topics,
            turn=turns.get(lane, lambda _behind: True),
            beat=lambda lane=lane: health.beat(lane),  # type: ignore[misc]
        )
        joining = join(settings, lane, topics, lambda lane=lane: health.ready(lane))  # type: ignore[misc]
        threads.append(
            threading.Thread(target=_guarded, args=(partial(lander.run, joining), stop), name=f"sink-{lane}")
        )
    realtime = landers["realtime"]
    health.expect("upkeep")
    health.ready("upkeep")
    upkeep = Upkeep(settings, lambda: DUTY in realtime.owned, lambda: health.beat("upkeep"))
    threads.append(threading.Thread(target=_guarded, args=(upkeep.run, stop), name="sink-upkeep"))
    server = health_server.serve(health, settings)
    for thread in threads:
        thread.start()
    _log.info("the sink runs", extra={"metrics_port": server.server_address[1]})
    stop.wait()
    for thread in threads:
        thread.join(settings.clickhouse_timeout_seconds)
    server.shutdown()
    _log.info("the sink has ended")
    return 0


def _guarded(run: Callable[[threading.Event], None], stop: threading.Event) -> None:
    try:
        run(stop)
    except BaseException as error:
        # one part alone must not go on as if all were well: the process ends and is started again
        _log.critical("a part of the sink failed", exc_info=error)
        os._exit(1)


def main() -> int:
    """Entry point of `python -m services.sink` without a command."""
    return serve(load(SinkSettings))
