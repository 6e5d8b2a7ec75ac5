"""A Faust worker that hosts the transactional stage with a handler that passes records through."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.runtime import worker
from services.runtime.health import Health
from services.runtime.settings import ServiceSettings, load
from services.runtime.stage import Outcomes, Record, Stage, StageSpec, Stateless

SPEC: Final = StageSpec(
    service="bench",
    group="bench-stage",
    lanes={"realtime": ("bronze.realtime",), "batch": ("bronze.batch",)},
)


class PassThrough(Stateless):
    """Writes every record as it is."""

    def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:
        """One output for each input."""
        outcomes = Outcomes(records)
        emit = outcomes.emit
        for index, record in enumerate(records):
            emit(index, "silver.realtime", record.key, record.value or b"")
        return outcomes


settings = load(ServiceSettings)
app = worker.faust_app("bench-stage", settings, Path(settings.data_dir) / "bench-stage")


def build(health: Health) -> Stage:
    """The stage."""
    return Stage(settings, SPEC, PassThrough(), health)


worker.host(app, "bench-stage", settings, build)
