"""The detector at work: restored at a start, fed with batches, its incidents published before anything is acknowledged.

Knows Kafka and the clock, but not Faust; agent.py wires it to the stream.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from services.classifier.outages import log
from services.classifier.outages.areas import AreaTree
from services.classifier.outages.calendar import Calendar
from services.classifier.outages.detector import Detector
from services.classifier.outages.rules import Rules
from services.domain.places import Gazetteer
from services.runtime.codec import Codec
from services.runtime.deadletters import dead_letter
from services.runtime.errors import CodecError, SettingsError
from services.runtime.settings import ServiceSettings

IDLE_MS: Final = 10_000
"""Without observations for so long, event time follows the clock. While a backlog is read it must not."""
_log = logging.getLogger(__name__)


class Received(NamedTuple):
    """One record of the observations topic."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Desk:
    """One detector with its log. Calls block on the broker; run them in a thread, one at a time (they lock)."""

    def __init__(
        self,
        settings: ServiceSettings,
        codec: Codec,
        planned_file: Path | None = None,
        rules: Rules | None = None,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._settings = settings
        self._codec = codec
        self._planned_file = planned_file
        self._planned_changed = 0.0
        self._rules = rules or Rules()
        self._clock = clock
        self._lock = threading.Lock()
        self._log = log.IncidentLog(settings, codec)
        self._tree = area_tree(Gazetteer.load())
        self._detector: Detector | None = None
        self._last_batch = 0

    def open(self, learned: Mapping[str, Any]) -> None:
        """Take over: fence others, restore incidents and expectations, count the last day's observations again."""
        with self._lock:
            self._log.take_over()
            detector = Detector(self._rules, self._tree)
            for name, snapshot in learned.items():
                cluster, _, operator = name.partition("|")
                detector.expectation(cluster, operator or None).restore(snapshot)
            incidents = log.latest_incidents(self._settings, self._codec)
            for incident in incidents:
                detector.book.restore(incident)
            now = self._clock()
            detector.replay(log.judged_observations(self._settings, self._codec, now), now)
            detector.learned.clear()
            self._detector = detector
            self._last_batch = now
            _log.info(
                "outage detector restored",
                extra={"incidents": len(detector.book.open), "expectations": len(learned)},
            )

    def close(self) -> None:
        """Forget everything: another instance takes over."""
        with self._lock:
            self._detector = None

    def handle(self, batch: Sequence[Received]) -> dict[str, Any] | None:
        """Judge a batch and publish what comes of it; the expectations that changed, by name, to be kept.

        None when another instance has taken over: nothing was done, and nothing may be acknowledged.
        """
        with self._lock:
            detector = self._detector
            if detector is None:
                return None
            now = self._clock()
            self._last_batch = now
            dead = []
            for record in batch:
                try:
                    detector.observe(self._codec.decode("Observation", record.value), now)
                except CodecError as error:
                    dead.append(self._dead(record, error.reason, str(error), now))
                except Exception as error:  # one record must not stop the detector, whatever it holds
                    _log.exception("an observation cannot be judged", extra={"offset": record.offset})
                    dead.append(self._dead(record, "handler_failed", f"Observation: {type(error).__name__}", now))
            self._log.publish(detector.judge(now), dead)
            changed = {
                f"{cluster}|{operator or ''}": detector.expectation(cluster, operator).snapshot()
                for cluster, operator in detector.learned
            }
            detector.learned.clear()
            return changed

    def tick(self) -> None:
        """Let event time go on while nothing comes, so that quiet incidents close."""
        with self._lock:
            detector, now = self._detector, self._clock()
            if detector is None:
                return
            self._reload_calendar(detector)
            if now - self._last_batch >= IDLE_MS:
                self._log.publish(detector.tick(now))
            else:
                self._log.publish(detector.judge(now))

    def _reload_calendar(self, detector: Detector) -> None:
        if self._planned_file is None:
            return
        try:
            changed = self._planned_file.stat().st_mtime
            if changed != self._planned_changed:
                detector.plan(Calendar.load(self._planned_file))
                self._planned_changed = changed
        except (OSError, SettingsError) as error:
            _log.error("planned outages stay as they were", extra={"error": type(error).__name__})

    def _dead(self, record: Received, reason: str, detail: str, now: int) -> dict[str, Any]:
        return dead_letter(
            group=log.GROUP,
            service="outages",
            reason=reason,
            detail=detail,
            topic=log.OBSERVATIONS,
            partition=0,
            offset=record.offset,
            log_time=record.timestamp,
            key=record.key,
            value=record.value,
            failed_at=now,
        )


def area_tree(gazetteer: Gazetteer) -> AreaTree:
    """The areas and towns of the gazetteer."""
    return AreaTree(gazetteer.lgas(), gazetteer.towns())
