"""Observations for the detector's tests."""

from typing import Any

from services.classifier.outages import AreaTree, Detector, Rules
from services.classifier.outages.calendar import Calendar

MINUTE = 60_000
NOON = 1_800_014_400_000 - 1_800_014_400_000 % 3_600_000
"""A full hour."""
STATES = {
    "Lagos": ["Epe", "Ikeja", "Ikorodu", "Ojo", "Mushin", "Apapa"],
    "Kano": ["Dala", "Fagge", "Gwale"],
    "Oyo": ["Ibadan North", "Ibadan South West", "Iseyin"],
    "Edo": ["Oredo", "Egor"],
}
LGAS = [f"{state}/{name}" for state, names in STATES.items() for name in names]
TOWNS = [("Oyo/Ibadan North", "Oyo/Ibadan South West")]


def detector(rules: Rules | None = None, calendar: Calendar | None = None) -> Detector:
    """A detector that knows a small country."""
    return Detector(rules, AreaTree(LGAS, TOWNS), calendar)


def seen(customer: int | str, lga: str | tuple[str, ...] | None, at: int, **other: Any) -> dict[str, Any]:
    """One observation."""
    lgas = [] if lga is None else [lga] if isinstance(lga, str) else list(lga)
    return {
        "event_id": f"e{customer}-{at}",
        "complaint_id": f"c{customer}-{at}",
        "customer_key": f"k1_{customer}",
        "cluster": "network",
        "lgas": lgas,
        "state": lgas[0].partition("/")[0] if lgas else None,
        "operator": "Beejan",
        "occurred_at": at,
    } | other


def burst(
    to: Detector, count: int, lga: str | tuple[str, ...] | None, at: int, first: int = 0, **other: Any
) -> list[Any]:
    """`count` customers within two minutes from `at`; the revisions that come of it."""
    out = []
    for number in range(count):
        moment = at + number * 2 * MINUTE // count
        to.observe(seen(first + number, lga, moment, **other), moment)
        out += to.judge(moment)
    return out


def quiet(to: Detector, start: int, minutes: int) -> list[Any]:
    """Let time pass without observations; the revisions that come of it."""
    return [revision for minute in range(minutes + 1) for revision in to.tick(start + minute * MINUTE)]
