"""The detector's constants, in one place, with where each comes from."""

from dataclasses import dataclass

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
BUCKET_MS = 5 * MINUTE_MS
"""Event time is cut into buckets of five minutes."""
WINDOW_BUCKETS = 6
"""A window is half an hour."""
WINDOW_MS = WINDOW_BUCKETS * BUCKET_MS
LAGOS_MS = HOUR_MS
"""Africa/Lagos is an hour ahead of UTC all year round."""
NATION = "NG"
"""Name of the area that holds all others."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What makes an incident, and what ends it. docs/outages.md says how to tune each."""

    min_customers: int = 5
    """Fewer distinct customers never alarm."""
    alarm_tail: float = 1e-8
    """An incident opens below this tail probability; some three million windows are tested a day."""
    stay_tail: float = 1e-2
    """A window is quiet only above this one (hysteresis)."""
    cusum_slack: float = 0.5
    """k: standard deviations a bucket may exceed its expectation without counting."""
    cusum_limit: float = 5.0
    """h: the sum at which a slow ramp is looked at."""
    quiet_windows: int = 3
    """An incident closes after so many quiet windows, one a bucket."""
    join_ms: int = WINDOW_MS
    """Areas of a state that alarm within this time are one incident."""
    areas_for_state: int = 3
    """So many areas raise an incident to its state."""
    states_for_nation: int = 3
    """So many states raise it to the nation."""
    reportable_areas: int = 5
    """NCC directive of May 2025: an outage of five local government areas must be reported."""
    compensation_ms: int = DAY_MS
    """The same directive: beyond 24 hours customers are compensated."""
    copies_that_count: int = 3
    """Customers who post the same long text count up to so many."""
    named_share: float = 0.25
    """An incident bears an operator's name when this share of its customers name it."""
