"""Finds slow ramps: bucket by bucket, what exceeds the expectation is summed up until it is too much to be chance.

The textbook sum (slack k, limit h) alone would cry every few hours somewhere in the country, since it runs over
thousands of series. So it only says where to look and since when; the negative binomial tail of everything since then
decides, as it does for windows.
"""

import math
from dataclasses import dataclass, field

from services.classifier.outages.rules import BUCKET_MS, HOUR_MS, Rules

_LONGEST_BUCKETS = 6 * HOUR_MS // BUCKET_MS
_LEAST_VARIANCE = 0.25
"""A single customer where none was expected is no five deviations."""


@dataclass(slots=True)
class Run:
    """What has been above expectation without a break."""

    first: int
    """Its first bucket."""
    total: float = 0.0
    expected: float = 0.0
    buckets: int = 0
    customers: set[str] = field(default_factory=set)


class Ramp:
    """The sum of one series."""

    __slots__ = ("run",)

    def __init__(self) -> None:
        self.run: Run | None = None

    def step(self, bucket: int, customers: frozenset[str], mean: float, dispersion: float, rules: Rules) -> bool:
        """Take one bucket; whether the run since then should be looked at. Customers seen before count no more."""
        run = self.run or Run(bucket)
        new = customers - run.customers if run.customers else customers
        deviation = math.sqrt(max(mean * dispersion, _LEAST_VARIANCE))
        run.total = max(0.0, run.total + (len(new) - mean) / deviation - rules.cusum_slack)
        if run.total == 0.0 or run.buckets >= _LONGEST_BUCKETS:
            self.run = None
            return False
        run.customers |= new
        run.expected += mean
        run.buckets += 1
        self.run = run
        return run.total > rules.cusum_limit and len(run.customers) >= rules.min_customers
