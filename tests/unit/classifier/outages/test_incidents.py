"""Incidents: joining, rising, closing, restoring."""

from typing import Any

from services.classifier.outages.areas import AreaTree
from services.classifier.outages.incidents import Alarm, IncidentBook
from services.classifier.outages.rules import Rules
from tests.unit.classifier.outages.crowd import LGAS, MINUTE, NOON, TOWNS

IBADAN = "Oyo/Ibadan North+Oyo/Ibadan South West"


def _book() -> IncidentBook:
    return IncidentBook(Rules(), AreaTree(LGAS, TOWNS))


def _alarm(area: str, at: int = NOON, operator: str | None = "Beejan", cluster: str = "network") -> Alarm:
    customers = frozenset(f"{area}{n}" for n in range(10))
    return Alarm(cluster, operator, area, at - 10 * MINUTE, at, customers, 0.5, 1e-10)


def _take(book: IncidentBook, *alarms: Alarm, at: int = NOON) -> list[dict[str, Any]]:
    book.take(alarms, at)
    return book.changed(at, at, at_step=False)


def test_the_same_alarm_again_changes_nothing() -> None:
    book = _book()
    assert len(_take(book, _alarm("Lagos/Epe"))) == 1
    assert _take(book, _alarm("Lagos/Epe", NOON + MINUTE), at=NOON + MINUTE) == []


def test_clusters_and_operators_have_incidents_of_their_own() -> None:
    alarms = (_alarm("Lagos/Epe"), _alarm("Lagos/Epe", cluster="internet"), _alarm("Lagos/Epe", operator="Glo"))
    found = _take(_book(), *alarms)
    assert len({i["incident_id"] for i in found}) == 3


def test_areas_of_different_states_do_not_join() -> None:
    assert len({i["incident_id"] for i in _take(_book(), _alarm("Lagos/Epe"), _alarm("Kano/Dala"))}) == 2


def test_an_area_that_alarms_long_after_the_last_alarm_is_an_incident_of_its_own() -> None:
    book = _book()
    (first,) = _take(book, _alarm("Lagos/Epe"))
    later = NOON + 31 * MINUTE
    assert first["incident_id"] not in {i["incident_id"] for i in _take(book, _alarm("Lagos/Ojo", later), at=later)}


def test_a_town_counts_once_towards_the_duty_to_report() -> None:
    town = [f"Lagos/{name}" for name in ("Epe", "Ikeja", "Ikorodu", "Ojo", "Mushin")]
    book = IncidentBook(Rules(), AreaTree(LGAS, [town]))
    (incident,) = _take(book, _alarm("+".join(sorted(town))))
    assert len(incident["lgas"]) == 5
    assert not incident["is_ncc_reportable"]


def test_five_areas_must_be_reported_and_stay_so_when_some_recover() -> None:
    book = _book()
    names = ("Epe", "Ikeja", "Ikorodu", "Ojo", "Mushin")
    (incident,) = _take(book, *(_alarm(f"Lagos/{name}") for name in names))
    assert (incident["level"], incident["is_ncc_reportable"]) == ("state", True)


def test_a_growing_count_is_published_at_steps_only() -> None:
    book = _book()
    _take(book, _alarm("Lagos/Epe"))
    assert book.add_customer("network", None, ("Lagos/Epe", "Lagos", "NG"), NOON, "new")
    assert book.changed(NOON, NOON, at_step=False) == []
    (update,) = book.changed(NOON, NOON, at_step=True)
    assert (update["status"], update["customers"]) == ("updated", 11)
    assert book.changed(NOON, NOON, at_step=True) == []


def test_complaints_from_before_it_began_or_from_elsewhere_do_not_count() -> None:
    book = _book()
    (incident,) = _take(book, _alarm("Lagos/Epe"))
    assert not book.add_customer("network", None, ("Lagos/Epe", "Lagos", "NG"), incident["started_at"] - 1, "early")
    assert not book.add_customer("network", None, ("Lagos/Ojo", "Lagos", "NG"), NOON, "elsewhere")
    assert not book.add_customer("internet", None, ("Lagos/Epe", "Lagos", "NG"), NOON, "other")
    assert not book.add_customer("network", "Glo", ("Lagos/Epe", "Lagos", "NG"), NOON, "other")


def test_it_closes_after_three_quiet_windows_in_a_row_and_not_before() -> None:
    book = _book()
    (incident,) = _take(book, _alarm("Lagos/Epe"))
    busy = {incident["incident_id"]: frozenset({"Lagos/Epe"})}
    for number, still in enumerate(({}, {}, busy, {}, {}), 1):
        book.step(still, NOON + 5 * number * MINUTE, NOON)
    assert book.open
    book.step({}, NOON + 30 * MINUTE, NOON)
    (closed,) = book.changed(NOON, NOON, at_step=True)
    assert (closed["status"], closed["ended_at"]) == ("closed", NOON + 15 * MINUTE)
    assert not book.open


def test_a_restored_incident_is_the_same_and_says_nothing_new() -> None:
    book = _book()
    for alarms in ((_alarm(IBADAN),), (_alarm("Lagos/Epe"), _alarm("Lagos/Ojo")), (_alarm("Kano"),)):
        book = _book()
        records = _take(book, *alarms)
        again = _book()
        for record in records:
            again.restore(record)
        assert again.changed(NOON, NOON, at_step=True) == []
        assert {i.incident_id: set(i.areas) for i in again.open.values()} == {
            i.incident_id: set(i.areas) for i in book.open.values()
        }


def test_a_closed_record_closes_what_was_restored_before() -> None:
    book = _book()
    (record,) = _take(book, _alarm("Lagos/Epe"))
    book.restore(record | {"status": "closed"})
    assert not book.open
