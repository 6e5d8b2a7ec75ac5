"""Cost of recognising redeliveries as the state grows: throughput, memory, restore."""

import gc
import os
import resource
import time
from typing import Final

import numpy as np
import psutil

from bench.figures import Figure
from services.cleaner.seen import ID_BYTES, SeenIds

BATCH: Final = 5_000
DAYS: Final = 7
DAY_MS: Final = 86_400_000
PROBES: Final = 60


def measure(quick: bool = False) -> list[Figure]:
    """Batches of new ids and known ones against states of 1, 3 and 10 million ids."""
    sizes = (100_000, 300_000, 1_000_000) if quick else (1_000_000, 3_000_000, 10_000_000)
    rng = np.random.default_rng(7)
    figures, speeds = [], []
    for size in sizes:
        gc.collect()
        before = psutil.Process(os.getpid()).memory_info().rss
        started = time.perf_counter()
        seen = _filled(rng, size)
        restore = time.perf_counter() - started
        grown = psutil.Process(os.getpid()).memory_info().rss - before
        speeds.append(_speed(rng, seen))
        label = f"{size / 1e6:g} million ids"
        figures += [
            Figure(f"{label}: look up and add", speeds[-1], "ids/s"),
            Figure(f"{label}: memory", grown / size, "bytes/id", 120, at_most=True),
            Figure(f"{label}: restore", restore / (size / 1e6), "s/million", 5, at_most=True),
        ]
        del seen
    figures.append(Figure("throughput, largest / smallest state", speeds[-1] / speeds[0], "times", 0.8))
    return figures


def _ids(rng: np.random.Generator, number: int) -> list[bytes]:
    block = rng.bytes(number * ID_BYTES)
    return [block[at : at + ID_BYTES] for at in range(0, len(block), ID_BYTES)]


def _filled(rng: np.random.Generator, size: int) -> SeenIds:
    """A state as a restore makes it: batch by batch, over the days of the window."""
    seen = SeenIds(DAYS)
    for at in range(0, size, BATCH):
        seen.add(_ids(rng, BATCH), (at * DAYS // size) * DAY_MS)
    return seen


def _speed(rng: np.random.Generator, seen: SeenIds) -> float:
    batches = [_ids(rng, BATCH) for _ in range(PROBES)]
    started = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    for batch in batches:
        seen.holds(batch)
        seen.add(batch, DAYS * DAY_MS - 1)
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - started
    return PROBES * BATCH / spent
