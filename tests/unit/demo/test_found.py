"""How what was found is judged."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from demo.found import LEDGER_COUNTS, Found, Incident, agreement, holds, problems
from demo.plan import OUTAGE_PLACE, Expected
from services.domain.vocabulary import CATEGORIES, PRIORITIES

EXPECTED = Expected(Counter(sms=5, x=2), redelivered=3, reposts=1, dead=Counter(malformed=2), refused=4)
GOOD = Found(
    events=Counter(sms=5, x=2),
    complaints={("sms", priority): 1 for priority in PRIORITIES},
    categories=Counter(CATEGORIES),
    no_complaint=1,
    languages=Counter(en=5),
    redelivered=3,
    reposts=1,
    dead=Counter(malformed=2),
    masks=Counter(PHONE=2),
    incidents=(Incident("opened", "network", (OUTAGE_PLACE,), 25, datetime(2026, 3, 2, tzinfo=UTC)),),
    latency={"realtime": (0.2, 0.5)},
    ledger={"cleaner": dict.fromkeys(LEDGER_COUNTS, 7)},
    leaked=0,
    as_meant=(5, 6),
)


def test_nothing_is_wrong_when_all_counts_are_met() -> None:
    assert problems(EXPECTED, GOOD) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"events": Counter(sms=6, x=2)}, "events of channel sms: 6 instead of 5, 1 too many"),
        ({"events": Counter(sms=5, x=2, rss=1)}, "events of channel rss: 1 instead of 0, 1 too many"),
        ({"redelivered": 2}, "redeliveries dropped: 2 instead of 3, 1 missing"),
        ({"reposts": 0}, "reposts marked: 0 instead of 1, 1 missing"),
        ({"dead": Counter(malformed=2, leak=1)}, "dead letters because of leak: 1 instead of 0, 1 too many"),
        ({"leaked": 1}, "events that still hold a sender's number or address: 1 instead of 0, 1 too many"),
        ({"incidents": ()}, "incidents: none in Lagos/Ikorodu, where the outage was"),
        ({"categories": Counter(CATEGORIES[1:])}, f"complaints: none of category {CATEGORIES[0]}"),
        ({"complaints": {("sms", "P1"): 9}}, "complaints: none of priority P2, P3, P4, P5"),
    ],
)
def test_each_wrong_count_is_told_in_one_line(change: dict[str, object], told: str) -> None:
    assert problems(EXPECTED, replace(GOOD, **change)) == [told]  # type: ignore[arg-type]


def test_when_events_are_missing_only_that_is_told() -> None:
    found = replace(GOOD, events=Counter(sms=5), redelivered=0, incidents=())
    assert problems(EXPECTED, found) == ["events of channel x: 0 instead of 2, 2 missing"]


@pytest.mark.parametrize(
    "text",
    [
        "call 08030001000",
        "call +2348030001000 now",
        "call 0803-000-1000 now",
        "call 0803 000 1000",
        "write to Ada.Obi@example.com.",
    ],
)
def test_numbers_and_addresses_are_found_however_they_are_written(text: str) -> None:
    assert holds(text, frozenset({"8030001000", "ada.obi@example.com"}))


@pytest.mark.parametrize("text", ["call [PHONE_1]", "TKT-204518 of 2026-03-02", "08030001001", "obi@example.com"])
def test_others_are_not(text: str) -> None:
    assert not holds(text, frozenset({"8030001000", "ada.obi@example.com"}))


def test_judgements_are_compared_by_the_text_whatever_its_case_and_blanks() -> None:
    judged = [("NO  network", "network_outage"), ("Data slow", "none"), ("call [PHONE_1]", "other")]
    assert agreement(judged, {"No network": "network_outage", "data slow": "internet_data"}) == (1, 2)
