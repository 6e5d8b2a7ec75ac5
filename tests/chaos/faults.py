"""The faults, drawn from a seed: what is done to whom, and how long the pipeline is given to stand up again."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from deploy.local.stack import Stack

STAGES: Final = ("cleaner", "classifier", "sink", "ingest_sms", "ingest_social")
ZOMBIE_SECONDS: Final = 13.0
"""Longer than the session time-out of 10 s: the group goes on without the stopped process, then it comes back."""


@dataclass
class Tally:
    """What was done, how often, and how long recovery took at most."""

    faults: Counter[str] = field(default_factory=Counter)
    longest: dict[str, float] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


class Faults:
    """Does faults to a stack until its time is up."""

    def __init__(self, stack: Stack, seed: int, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._rng = random.Random(f"{seed} faults")
        self._say = say
        self.tally = Tally()
        self._kinds: tuple[tuple[str, int, Callable[[], None]], ...] = (
            ("kill", 8, self._kill),
            ("kill two at once", 2, self._kill_two),
            ("zombie", 2, self._zombie),
            ("graceful restart", 2, self._restart),
            ("another instance comes and goes", 2, self._rebalance),
            ("Kafka killed", 1, lambda: self._server("kafka", 0)),
            ("ClickHouse away", 1, lambda: self._server("clickhouse", 10)),
        )

    def run(self, seconds: float) -> None:
        """Faults with pauses of a few seconds, each kind at least once where time allows."""
        deadline = time.monotonic() + seconds
        first = list(self._kinds)
        self._rng.shuffle(first)
        while time.monotonic() < deadline:
            name, _, do = first.pop() if first else self._rng.choices(self._kinds, [w for _, w, _ in self._kinds])[0]
            started = time.monotonic()
            do()
            self._stack.wait_ready(120)
            took = time.monotonic() - started
            self.tally.faults[name] += 1
            self.tally.longest[name] = max(self.tally.longest.get(name, 0.0), took)
            self._say(f"{name}: standing again after {took:.1f} s")
            time.sleep(self._rng.uniform(0.5, 4.0))

    def _instances(self) -> list[str]:
        """Those that run all the time: the guest of _rebalance comes and goes by itself."""
        names = [daemon.name for daemon in self._stack.daemons()]
        return [name for name in names if name in STAGES or name.removesuffix("-1") in STAGES]

    def _kill(self) -> None:
        self._stack.kill(self._rng.choice(self._instances()))

    def _kill_two(self) -> None:
        for name in self._rng.sample(self._instances(), 2):
            self._stack.kill(name)

    def _zombie(self) -> None:
        """Stopped for longer than the session time-out, then it goes on as if nothing had been."""
        name = self._rng.choice([name for name in self._instances() if not name.startswith("ingest")])
        daemon = self._stack.daemon(name)
        daemon.signal(signal.SIGSTOP)
        time.sleep(ZOMBIE_SECONDS)
        daemon.signal(signal.SIGCONT)

    def _restart(self) -> None:
        name = self._rng.choice(self._instances())
        self._stack.halt(name)
        self._stack.resume(name)

    def _rebalance(self) -> None:
        service = self._rng.choice(("cleaner", "classifier", "sink"))
        name = f"{service}-2"
        if name in {daemon.name for daemon in self._stack.daemons()}:
            self._stack.resume(name)
        else:
            self._stack.add(service, 2)
        time.sleep(self._rng.uniform(1.0, 4.0))
        self._stack.halt(name)

    def _server(self, name: str, seconds: float) -> None:
        if seconds:
            self._stack.halt(name)
            time.sleep(seconds)
            self._stack.resume(name)
        else:
            self._stack.kill(name)
