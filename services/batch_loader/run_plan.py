"""Runs a plan: loads what is due, then the steps that depend on it; what fails holds what comes after it."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.batch_loader.manifest.store import Manifest
from services.batch_loader.schedule import Due, due
from services.batch_loader.sources import Plan, Step
from services.runtime.errors import PipelineError

_STEPS = "steps"


@dataclass
class Outcome:
    """What became of a plan."""

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)


class PlanRun:
    """Runs a plan with a manifest that remembers which due times were met.

    load: loads a due source; its result says whether all went well. PipelineError counts as a failure of that source.
    """

    def __init__(self, plan: Plan, manifest: Manifest, load: Callable[[Due], bool]) -> None:
        self._plan = plan
        self._manifest = manifest
        self._load = load

    def run(self, now: datetime, everything: bool = False, only: Sequence[str] = ()) -> Outcome:
        """Run what is due at `now` (aware). everything: whether due or not; only: names of sources to look at."""
        outcome = Outcome()
        wanted = [s for s in self._plan.sources if not only or s.name in only or s.full_name in only]
        for source in wanted:
            source_id = self._manifest.source(source.full_name)
            stored = self._manifest.cursor(source_id, _STEPS)
            last = datetime.fromisoformat(stored) if stored else None
            found = due(source, last, now)
            if found is None and everything:
                found = Due(source, now, (now.astimezone(source.zone).date(),))
            if found is None:
                continue
            if self._try(found):
                self._manifest.move(source_id, _STEPS, found.at.isoformat())
                outcome.done.append(source.full_name)
            else:
                outcome.failed.append(source.full_name)
        self._steps(outcome)
        return outcome

    def _try(self, found: Due) -> bool:
        try:
            return self._load(found)
        except PipelineError as error:
            print(f"{found.source.full_name}: {error}", file=sys.stderr)
            return False

    def _steps(self, outcome: Outcome) -> None:
        """The steps after loads. They are owed until they have all been done, also by runs that load nothing."""
        plan_id = self._manifest.source("plan:steps")
        owed = self._manifest.cursor(plan_id, _STEPS) == "owed" or bool(outcome.done)
        if outcome.done:
            self._manifest.move(plan_id, _STEPS, "owed")
        if not owed and not outcome.failed:
            return
        for number, step in enumerate(self._plan.steps):
            if outcome.failed:
                outcome.held = [later.name for later in self._plan.steps[number:]]
                print(f"held because {outcome.failed[0]} failed: {', '.join(outcome.held)}", file=sys.stderr)
                return
            if run_step(step):
                outcome.done.append(step.name)
            else:
                outcome.failed.append(step.name)
        if not outcome.failed:
            self._manifest.move(plan_id, _STEPS, "done")


def run_step(step: Step) -> bool:
    """Run a step's program; whether it ended with 0."""
    try:
        return subprocess.run(step.command, check=False).returncode == 0
    except OSError as error:
        print(f"{step.name}: {step.command[0]} cannot be started ({error.strerror})", file=sys.stderr)
        return False
