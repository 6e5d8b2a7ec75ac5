"""The transactional stage: reads batches, hands them to a pure handler, commits everything in one Kafka transaction."""

from services.runtime.stage.loop import Stage
from services.runtime.stage.records import Handler, Outcomes, Output, Record, StageSpec, Stateless

__all__ = ["Handler", "Outcomes", "Output", "Record", "Stage", "StageSpec", "Stateless"]
