"""What one instance of the sink does beside landing: counting touched days again, and watching the proof."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from clickhouse_connect.driver.client import Client

from services.runtime.metrics import metrics
from services.sink.marts import Marts
from services.sink.settings import SinkSettings
from services.sink.warehouse import WarehouseAway, connect, translated

_log = logging.getLogger(__name__)

WATCH_SECONDS: Final = 30.0
DUTY: Final = ("gold.realtime", 0)
"""Whoever owns this place has the duty: exactly one instance, wherever the group puts it."""


class Upkeep:
    """Runs in a thread of its own, on a connection of its own."""

    def __init__(
        self,
        settings: SinkSettings,
        on_duty: Callable[[], bool],
        beat: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._on_duty = on_duty
        self._beat = beat
        self._clock = clock
        self._client: Client | None = None
        self._marts: Marts | None = None
        self._watch_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. The warehouse being away is waited out: nothing is lost by counting later."""
        while not stop.wait(self._settings.sink_marts_seconds):
            self._beat()
            if not self._on_duty():
                self._release()
                continue
            try:
                self.turn()
            except WarehouseAway as error:
                _log.warning("upkeep waits for the warehouse", extra={"why": str(error)})
                self._release()
        self._release()

    def turn(self) -> None:
        """Count what was touched; now and then look at the proof."""
        if self._client is None:
            self._client = connect(self._settings)
            self._marts = Marts(self._client)
        if self._marts is not None:
            self._marts.turn(self._clock())
        began = self._clock()
        if began >= self._watch_at:
            collapse(self._client)
            watch(self._client)
            now = self._clock()
            # a twentieth of the time at most, however large the warehouse grows
            self._watch_at = now + max(WATCH_SECONDS, 20 * (now - began))

    def _release(self) -> None:
        """Forget what was seen: whoever takes the duty again asks the warehouse what is left over."""
        client, self._client, self._marts = self._client, None, None
        if client is not None:
            client.close()


def collapse(client: Client) -> None:
    """Merge the months that hold a row twice. A zombie's late insert does that; no view shows it, and it goes here."""
    with translated("doubled rows"):
        rows = client.query(
            "SELECT DISTINCT toYYYYMM(received_at) FROM complaint_events "
            "WHERE event_id IN (SELECT event_id FROM facts_doubled)"
        ).result_rows
        for (month,) in rows:
            _log.warning("rows stand twice in a month of the facts: merging it", extra={"month": int(month)})
            client.command(f"OPTIMIZE TABLE complaint_events PARTITION {int(month)} FINAL")


def watch(client: Client) -> None:
    """Set the metric reconciliation_missing from the view reconciliation."""
    with translated("the reconciliation"):
        rows = client.query("SELECT layer, sum(missing) + sum(surplus) FROM reconciliation GROUP BY layer").result_rows
    gauge = metrics().gauge("reconciliation_missing")
    for layer, missing in rows:
        gauge.labels(layer).set(int(missing))
        if missing:
            _log.error("the reconciliation does not balance", extra={"layer": layer, "records": int(missing)})
