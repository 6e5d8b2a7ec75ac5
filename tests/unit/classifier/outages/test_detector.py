"""The detector from observations to incidents."""

import json
from typing import Any

import pytest

from services.classifier.outages.calendar import Calendar, Planned
from services.classifier.outages.detector import Detector
from tests.unit.classifier.outages.crowd import LGAS, MINUTE, NOON, burst, detector, quiet, seen


def _statuses(revisions: list[dict[str, Any]]) -> list[str]:
    return [revision["status"] for revision in revisions]


def test_a_burst_in_one_area_opens_one_incident_there() -> None:
    revisions = burst(detector(), 25, "Lagos/Ikorodu", NOON)
    assert _statuses(revisions) == ["opened"]
    (incident,) = revisions
    assert incident["level"] == "lga"
    assert incident["lgas"] == ["Lagos/Ikorodu"]
    assert incident["state"] == "Lagos"
    assert incident["operator"] == "Beejan"
    assert NOON - 5 * MINUTE <= incident["started_at"] <= NOON
    assert incident["p_value"] < 1e-8
    assert not incident["is_ncc_reportable"]
    assert not incident["compensation_due"]


def test_one_angry_person_with_fifty_messages_raises_nothing() -> None:
    to = detector()
    for number in range(50):
        at = NOON + number * MINUTE // 2
        to.observe(seen("angry", "Lagos/Ikorodu", at), at)
        assert to.judge(at) == []


def test_a_storm_of_one_text_by_many_accounts_raises_nothing() -> None:
    assert burst(detector(), 200, "Lagos/Ikorodu", NOON, text_key="0badc0de") == []


def test_own_words_of_many_accounts_are_a_crowd() -> None:
    to = detector()
    out = []
    for number in range(25):
        at = NOON + number * 1_000
        to.observe(seen(number, "Lagos/Ikorodu", at, text_key=f"text-{number}"), at)
        out += to.judge(at)
    assert _statuses(out) == ["opened"]


def test_taking_everything_twice_changes_nothing() -> None:
    to = detector()
    first = burst(to, 25, "Lagos/Ikorodu", NOON)
    assert burst(to, 25, "Lagos/Ikorodu", NOON) == []
    assert first[0]["customers"] <= 25
    assert {i.number_of_customers() for i in to.book.open.values()} == {25}


def test_an_incident_closes_after_quiet_windows_and_keeps_its_id() -> None:
    to = detector()
    (opened,) = burst(to, 25, "Lagos/Ikorodu", NOON)
    revisions = quiet(to, NOON + 3 * MINUTE, 90)
    assert _statuses(revisions)[-1] == "closed"
    assert set(_statuses(revisions[:-1])) <= {"updated"}
    closed = revisions[-1]
    assert {r["incident_id"] for r in revisions} == {opened["incident_id"]}
    assert closed["customers"] == 25
    assert NOON + 25 * MINUTE <= closed["ended_at"] <= NOON + 40 * MINUTE
    assert [r["revision_no"] for r in [opened, *revisions]] == list(range(len(revisions) + 1))
    assert quiet(to, NOON + 95 * MINUTE, 30) == []


def test_an_outage_that_goes_on_stays_open_and_falls_due_for_compensation_after_a_day() -> None:
    to = detector()
    out = []
    for minute in range(0, 26 * 60, 4):
        at = NOON + minute * MINUTE
        for part in range(3):
            to.observe(seen(f"{minute}.{part}", "Lagos/Ikorodu", at), at)
        out += to.judge(at) + to.tick(at)
    assert _statuses(out).count("opened") == 1
    assert "closed" not in _statuses(out)
    due = [r for r in out if r["compensation_due"]]
    assert due
    assert min(r["updated_at"] - r["started_at"] for r in due) > 24 * 60 * MINUTE


def test_areas_of_a_state_join_and_rise_to_the_state_and_become_reportable_at_five() -> None:
    to = detector()
    out = []
    for number, lga in enumerate(("Ikorodu", "Epe", "Ikeja", "Ojo", "Mushin")):
        out += burst(to, 25, f"Lagos/{lga}", NOON + number * 3 * MINUTE, first=100 * number)
    assert len({r["incident_id"] for r in out}) == 1
    assert _statuses(out).count("opened") == 1
    by_areas = {len(r["lgas"]): r for r in out}
    assert by_areas[2]["level"] == "lga"
    assert by_areas[3]["level"] == "state"
    assert not by_areas[4]["is_ncc_reportable"]
    assert by_areas[5]["is_ncc_reportable"]


def test_three_states_become_one_national_incident_with_the_oldest_id() -> None:
    to = detector()
    first = burst(to, 25, "Lagos/Ikorodu", NOON)
    second = burst(to, 25, "Kano/Dala", NOON + 3 * MINUTE, first=100)
    third = burst(to, 25, "Edo/Egor", NOON + 6 * MINUTE, first=200)
    last = {r["incident_id"]: r for r in [*first, *second, *third]}
    assert len(last) == 2  # the third was never announced by itself
    national = last[first[0]["incident_id"]]
    assert (national["level"], national["state"], national["status"]) == ("nation", None, "updated")
    assert national["lgas"] == ["Edo/Egor", "Kano/Dala", "Lagos/Ikorodu"]
    assert national["is_ncc_reportable"]
    assert last[second[0]["incident_id"]]["status"] == "closed"


def test_a_town_over_several_areas_is_one_area() -> None:
    (incident,) = burst(detector(), 25, ("Oyo/Ibadan North", "Oyo/Ibadan South West"), NOON)
    assert incident["level"] == "lga"
    assert incident["lgas"] == ["Oyo/Ibadan North", "Oyo/Ibadan South West"]


def test_complaints_that_name_only_the_state_open_an_incident_of_the_state() -> None:
    to = detector()
    for number in range(12):  # usual traffic elsewhere
        to.observe(seen(f"usual{number}", LGAS[number % 9], NOON), NOON)
    revisions = []
    for number in range(40):
        to.observe(seen(number, None, NOON, state="Edo"), NOON)
        revisions += to.judge(NOON)
    assert (revisions[0]["level"], revisions[0]["state"], revisions[0]["lgas"]) == ("state", "Edo", [])


def test_complaints_without_an_operator_join_the_incident_of_the_one_that_is_named() -> None:
    to = detector()
    nameless = burst(to, 20, "Lagos/Ikorodu", NOON, operator=None)
    assert nameless[0]["operator"] is None
    named = burst(to, 20, "Lagos/Ikorodu", NOON + 3 * MINUTE, first=100)
    assert {r["incident_id"] for r in named} == {nameless[0]["incident_id"]}
    assert named[-1]["operator"] == "Beejan"


def test_operators_have_incidents_of_their_own() -> None:
    to = detector()
    ours = burst(to, 25, "Lagos/Ikorodu", NOON)
    theirs = burst(to, 25, "Kano/Fagge", NOON + 3 * MINUTE, first=100, operator="Glo")
    assert ours[0]["incident_id"] != theirs[0]["incident_id"]
    assert (ours[0]["operator"], theirs[0]["operator"]) == ("Beejan", "Glo")


def test_planned_work_raises_nothing_and_what_is_not_planned_does() -> None:
    planned = Planned("Lagos/Ikorodu", NOON - 60 * MINUTE, NOON + 60 * MINUTE)
    assert burst(detector(calendar=Calendar([planned])), 25, "Lagos/Ikorodu", NOON) == []
    assert burst(detector(calendar=Calendar([planned])), 25, "Lagos/Epe", NOON)
    over = Planned("Lagos", NOON - 60 * MINUTE, NOON - 30 * MINUTE)
    assert burst(detector(calendar=Calendar([over])), 25, "Lagos/Ikorodu", NOON)


def test_late_records_never_reopen_an_incident_nor_open_one() -> None:
    to = detector()
    burst(to, 25, "Lagos/Ikorodu", NOON)
    quiet(to, NOON + 3 * MINUTE, 90)
    late = NOON + 95 * MINUTE
    for number in range(100, 140):
        to.observe(seen(number, "Lagos/Ikorodu", NOON + MINUTE), late)
    assert to.judge(late) == []
    assert to.late == 40


def test_late_records_count_in_an_incident_that_is_open() -> None:
    to = detector()
    for minute in range(0, 60, 2):
        for part in range(2):
            at = NOON + minute * MINUTE
            to.observe(seen(f"{minute}.{part}", "Lagos/Ikorodu", at), at)
            to.judge(at)
    (incident,) = to.book.open.values()
    before = incident.number_of_customers()
    to.observe(seen("late", "Lagos/Ikorodu", NOON + 5 * MINUTE), NOON + 59 * MINUTE)
    assert incident.number_of_customers() == before + 1


def test_a_time_ahead_of_the_clock_does_not_move_event_time() -> None:
    to = detector()
    to.observe(seen("ahead", "Lagos/Epe", NOON + 6 * 60 * MINUTE), NOON)
    assert _statuses(burst(to, 25, "Lagos/Ikorodu", NOON)) == ["opened"]


def test_a_customer_without_a_key_counts_by_complaint() -> None:
    to = detector()
    out = []
    for number in range(25):
        to.observe(seen(number, "Lagos/Ikorodu", NOON, customer_key=None), NOON)
        out += to.judge(NOON)
    assert _statuses(out) == ["opened"]


def _restored(old: Detector, records: list[dict[str, Any]], observations: list[dict[str, Any]], now: int) -> Detector:
    new = detector()
    for (cluster, operator), learned in old.expectations.items():
        new.expectation(cluster, operator).restore(json.loads(json.dumps(learned.snapshot())))
    for record in {r["incident_id"]: r for r in records}.values():
        new.book.restore(record)
    new.replay(observations, now)
    return new


def test_after_a_restart_the_same_incident_goes_on() -> None:
    to = detector()
    observations = [seen(number, "Lagos/Ikorodu", NOON + number * 4_000) for number in range(25)]
    revisions = []
    for one in observations:
        to.observe(one, one["occurred_at"])
        revisions += to.judge(one["occurred_at"])
    now = NOON + 2 * MINUTE
    again = _restored(to, revisions, observations, now)
    assert again.judge(now) == []
    more = burst(again, 25, "Lagos/Epe", now, first=100)
    assert {r["incident_id"] for r in more} == {revisions[0]["incident_id"]}
    assert more[-1]["customers"] >= 25
    assert more[0]["revision_no"] == revisions[-1]["revision_no"] + 1
    assert _statuses(quiet(again, now + 3 * MINUTE, 90))[-1] == "closed"


def test_after_a_restart_a_closed_incident_stays_closed() -> None:
    to = detector()
    observations = [seen(number, "Lagos/Ikorodu", NOON) for number in range(25)]
    for one in observations:
        to.observe(one, NOON)
    revisions = to.judge(NOON) + quiet(to, NOON + MINUTE, 90)
    again = _restored(to, revisions, observations, NOON + 91 * MINUTE)
    assert again.book.open == {}
    assert again.judge(NOON + 91 * MINUTE) == []


@pytest.mark.parametrize("at", [NOON, NOON + 299_000, NOON + 28 * MINUTE])
def test_the_id_does_not_depend_on_when_it_is_computed_within_a_window(at: int) -> None:
    one = burst(detector(), 25, "Lagos/Ikorodu", at)
    other = burst(detector(), 25, "Lagos/Ikorodu", at)
    assert one[0]["incident_id"] == other[0]["incident_id"]


def test_a_slow_ramp_that_no_window_shows_is_found() -> None:
    to = detector()
    for kind in (("network", "Beejan"), ("network", None)):
        for half_hour in range(14 * 48):  # two weeks: two customers a half hour in Ikorodu, of a hundred
            end = NOON - (14 * 48 - half_hour) * 30 * MINUTE
            counts = {"Lagos/Ikorodu": 2, "Lagos": 2, "Kano/Dala": 98, "Kano": 98, "NG": 100}
            to.expectation(*kind).learn(end, counts, frozenset())
    out = []
    for minute in range(6 * 60):
        at = NOON + minute * MINUTE
        if minute % 4 == 0:  # seven or eight a half hour: alone too few for an alarm
            to.observe(seen(f"ramp{minute}", "Lagos/Ikorodu", at), at)
        for part in range(3):
            to.observe(seen(f"usual{minute}.{part}", "Kano/Dala", at), at)
        out += to.judge(at)
    opened = [r for r in out if r["status"] == "opened"]
    assert [r["lgas"] for r in opened] == [["Lagos/Ikorodu"]]
    assert opened[0]["customers"] > 10


def test_what_is_older_than_a_day_teaches_and_does_not_alarm() -> None:
    to = detector()
    now = NOON + 3 * 24 * 60 * MINUTE
    for number in range(40):
        to.observe(seen(number, "Lagos/Ikorodu", NOON + number * 1_000), now)
        assert to.judge(now) == []


def test_a_backlog_is_judged_by_its_own_time() -> None:
    to = detector()
    late_by = 5 * 60 * MINUTE
    out = []
    for number in range(25):
        at = NOON + number * 4_000
        to.observe(seen(number, "Lagos/Ikorodu", at), at + late_by)
        out += to.judge(at + late_by)
    assert _statuses(out)[0] == "opened"
    assert out[0]["started_at"] <= NOON
    assert out[0]["detected_at"] >= NOON + late_by
    assert not out[0]["compensation_due"]


def test_customers_who_name_no_operator_add_to_those_who_name_one() -> None:
    to = detector()
    out = []
    for number in range(18):  # nine of each: neither would alarm alone
        operator = "Beejan" if number % 2 else None
        to.observe(seen(number, "Lagos/Ikorodu", NOON + number * 1_000, operator=operator), NOON + number * 1_000)
        out += to.judge(NOON + number * 1_000)
    assert _statuses(out)[0] == "opened"
    assert out[0]["operator"] == "Beejan"
    assert burst(detector(), 9, "Lagos/Ikorodu", NOON) == []
