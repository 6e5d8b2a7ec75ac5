"""When half hours are learned: one later, since an outage in them may not have been found before."""

from dataclasses import dataclass

from services.classifier.outages.counts import Kind
from services.classifier.outages.scene import Scene


@dataclass(frozen=True, slots=True)
class _HalfHour:
    end: int
    counts: dict[Kind, dict[str, int]]
    troubled: dict[Kind, set[str]]


class Lessons:
    """Keeps the last half hour until the next has passed, then has it learned without what turned out an outage."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._waiting: list[_HalfHour] = []
        self.learned: set[Kind] = set()
        """Expectations that changed since somebody cleared this."""

    def half_hour(self, end: int) -> None:
        """The half hour before `end` has passed."""
        counts = self._scene.counts.all()
        kinds = {*self._scene.expectations, *counts}
        now = _HalfHour(end, counts, {kind: self._scene.troubled(*kind) for kind in kinds})
        for before in self._waiting:
            for kind in {*self._scene.expectations, *before.counts}:
                troubled = before.troubled.get(kind, set()) | now.troubled.get(kind, set())
                self._scene.expectation(*kind).learn(before.end, before.counts.get(kind, {}), frozenset(troubled))
                self.learned.add(kind)
        self._waiting = [now]
