"""What is told, and when it counts as the same."""

from typing import Any

import pytest

from services.classifier.alerts.alert import Told, is_fresh, of_complaint, of_incident
from tests.unit.classifier.alerts.records import NOW, complaint, incident

HOUR = 3_600_000


def test_an_incident_is_told_with_its_place_and_duties() -> None:
    alert = of_incident(incident(is_ncc_reportable=True))
    assert alert.title == "Network outage in Ikorodu, Lagos is going on. Reportable to NCC."
    assert alert.severity == "critical"
    assert not alert.is_over


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"lgas": ["Lagos/Epe", "Lagos/Ojo", "Lagos/Agege", "Lagos/Ikeja"]}, "Epe, Ojo, Agege and 1 more, Lagos"),
        ({"level": "state", "lgas": []}, "outage in Lagos is"),
        ({"level": "state", "lgas": ["Lagos/Epe", "Lagos/Ojo", "Lagos/Ikeja"]}, "Lagos (3 areas)"),
        ({"level": "nation", "state": None, "lgas": ["Lagos/Epe", "Kano/Dala"]}, "several states"),
    ],
)
def test_the_place_is_short(change: dict[str, Any], where: str) -> None:
    assert where in of_incident(incident(**change)).title


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"customers": 90, "status": "updated", "revision_no": 3, "updated_at": NOW + 1}, True),
        ({"lgas": ["Lagos/Ikorodu", "Lagos/Epe"]}, False),
        ({"level": "state"}, False),
        ({"is_ncc_reportable": True}, False),
        ({"compensation_due": True}, False),
        ({"status": "closed", "ended_at": NOW}, False),
        ({"incident_id": "inc-2"}, False),
    ],
)
def test_only_a_change_that_matters_is_a_new_alert(change: dict[str, Any], is_same: bool) -> None:
    assert (of_incident(incident(**change)).key == of_incident(incident()).key) is is_same


def test_a_p1_complaint_is_told_without_its_customer() -> None:
    alert = of_complaint(complaint())
    assert alert is not None
    assert alert.title == "P1 complaint about fraud security from Ikeja (sms)"
    assert alert.severity == "critical"
    assert "k1_" not in repr(alert)


@pytest.mark.parametrize(
    "change",
    [
        {"priority": "P2"},
        {"is_complaint": False},
        {"action": "updated"},
        {"action": "withdrawn"},
        {"generation": 1},
        {"duplicate_of": "event-0"},
        {"incident_id": "inc-1"},
    ],
)
def test_replays_reposts_updates_and_what_an_incident_explains_are_not_told(change: dict[str, Any]) -> None:
    assert of_complaint(complaint(**change)) is None


def test_a_complaint_has_one_key_whatever_its_event() -> None:
    one, other = of_complaint(complaint()), of_complaint(complaint(event_id="event-9", text="other"))
    assert one is not None
    assert other is not None
    assert one.key == other.key


def test_old_complaints_wake_nobody_but_an_outage_that_goes_on_does() -> None:
    old = of_complaint(complaint(occurred_at=NOW - 7 * HOUR))
    assert old is not None
    assert not is_fresh(old, NOW, 6 * HOUR)
    assert is_fresh(of_incident(incident(started_at=NOW - 30 * HOUR)), NOW, 6 * HOUR)
    over = incident(started_at=NOW - 30 * HOUR, status="closed", ended_at=NOW - 29 * HOUR)
    assert not is_fresh(of_incident(over), NOW, 6 * HOUR)


def test_what_was_told_is_remembered_up_to_a_limit() -> None:
    told = Told(limit=2)
    for key in ("a", "b", "a", "c"):
        told.add(key)
    assert [told.is_new(key) for key in ("a", "b", "c")] == [False, True, False]
