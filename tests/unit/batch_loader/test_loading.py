from pathlib import Path

import pytest

from services.runtime.errors import BrokerBusy
from tests.unit.batch_loader.fakes import FakeBroker, Place

HEADER = "Ticket #,customeR iD,Phone,Date,resolutionstatus,Complaint\n"
ROWS = [f"T{n},C{n % 7},080312345{n:02d},2024-01-{n % 28 + 1:02d} 10:00:00,Backlog,no network {n}\n" for n in range(50)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def csv(rows: list[str]) -> str:
    return HEADER + "".join(rows)


def test_rows_become_bronze_events_with_their_bytes_hash_and_line(place: Place) -> None:
    summary, broker = place.load(place.write("a.csv", csv(ROWS)))
    assert summary.total.rows == summary.total.loaded == 50
    event = broker.events[3]
    assert event["source"] == "call_center:lagos"
    assert (event["channel"], event["lane"], event["action"], event["revision_no"]) == (
        "call_center",
        "batch",
        "created",
        0,
    )
    assert event["payload"] == ROWS[3].encode()
    assert event["payload_type"].startswith("text/csv; charset=utf-8; file=")
    assert event["payload_type"].endswith("; line=5")
    assert event["identifiers"] == [{"kind": "msisdn", "value": "08031234503"}, {"kind": "account", "value": "C3"}]
    assert event["fields"] == {"status": "acknowledged", "source_status": "Backlog"}
    assert event["text"] == "no network 3"
    assert event["occurred_at"] == 1704358800000  # 2024-01-04 10:00 in Lagos is 09:00 UTC


def test_a_file_loads_once_under_whatever_name(place: Place) -> None:
    place.load(place.write("a.csv", csv(ROWS)))
    summary, broker = place.load(place.write("b.csv", csv(ROWS)))
    assert (summary.total.known, summary.total.loaded) == (50, 0)
    assert broker.records == []


def test_a_grown_file_sends_its_new_rows(place: Place) -> None:
    place.load(place.write("a.csv", csv(ROWS[:40])))
    summary, broker = place.load(place.write("a.csv", csv(ROWS)))
    assert (summary.total.known, summary.total.loaded) == (40, 10)
    assert [e["text"] for e in broker.events] == [f"no network {n}" for n in range(40, 50)]


def test_another_status_is_an_update_of_the_same_complaint(place: Place) -> None:
    _, first = place.load(place.write("a.csv", csv(ROWS)))
    changed = [ROWS[0], ROWS[1].replace("Backlog", "Resolved"), *ROWS[2:]]
    summary, second = place.load(place.write("a.csv", csv(changed)))
    assert (summary.total.known, summary.total.updated) == (49, 1)
    (event,) = second.events
    before = first.events[1]
    assert (event["action"], event["revision_no"]) == ("updated", 1)
    assert event["complaint_id"] == before["complaint_id"]
    assert event["event_id"] != before["event_id"]
    assert event["revised_at"] > before["revised_at"]


def test_resolved_reopened_and_resolved_again_are_three_more_revisions(place: Place) -> None:
    revisions = []
    for status in ("Backlog", "Resolved", "In-Progress", "Resolved"):
        _, broker = place.load(place.write("a.csv", csv([ROWS[0].replace("Backlog", status)])))
        revisions += [(e["revision_no"], e["fields"]["status"]) for e in broker.events]
    assert revisions == [(0, "acknowledged"), (1, "resolved"), (2, "inProgress"), (3, "resolved")]


def test_old_files_that_lie_about_do_not_bring_old_statuses_back(place: Place) -> None:
    place.write("monday.csv", csv(ROWS))
    place.load(place.files)
    place.write("tuesday.csv", csv([row.replace("Backlog", "Resolved") for row in ROWS]))
    summary, _ = place.load(place.files)
    assert (summary.total.known, summary.total.updated) == (50, 50)
    summary, broker = place.load(place.files)
    assert (summary.total.known, broker.records) == (100, [])


def test_a_row_twice_in_one_file_is_loaded_once(place: Place) -> None:
    summary, broker = place.load(place.write("a.csv", csv([ROWS[0], ROWS[1], ROWS[0]])))
    assert (summary.total.loaded, summary.total.known) == (2, 1)
    assert len(broker.events) == 2


def test_bad_rows_are_dead_letters_by_line_and_the_rest_is_loaded(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [ROWS[0], "T1,C1\n", ROWS[2], "T3,C3,08031234503,2124-01-01 10:00:00,Backlog,hi\n", ROWS[4]]
    summary, broker = place.load(place.write("a.csv", csv(rows)))
    assert (summary.total.loaded, summary.total.dead) == (3, 2)
    letters = broker.of("dead-letters")
    assert [(x["offset"], x["reason"], x["value"]) for x in letters] == [
        (3, "malformed", rows[1].encode()),
        (5, "bad_timestamp", rows[3].encode()),
    ]
    assert all(x["topic"].startswith("file:") for x in letters)
    errors = capsys.readouterr().err
    assert "line 3" in errors
    assert "line 5" in errors
    assert "0803" not in errors


def test_a_bad_row_that_was_buried_is_not_buried_again_when_the_file_grows(place: Place) -> None:
    place.load(place.write("a.csv", csv([ROWS[0], "T1,C1\n"])))
    summary, broker = place.load(place.write("a.csv", csv([ROWS[0], "T1,C1\n", ROWS[2]])))
    assert (summary.total.known, summary.total.loaded, summary.total.dead) == (2, 1, 0)
    assert broker.of("dead-letters") == []


def test_the_ledger_balances_and_counts_every_row(place: Place) -> None:
    rows = [*ROWS, "T1,C1\n", ROWS[0]]
    _, broker = place.load(place.write("a.csv", csv(rows * 5)))
    entries = broker.of("ledger")
    assert sum(e["read"] for e in entries) == len(rows) * 5
    assert sum(e["written"] for e in entries) == len(broker.events) == 50
    assert sum(e["dead"] for e in entries) == 1
    assert sum(e["channels"].get("call_center", 0) for e in entries) == 50
    assert all(e["read"] == e["written"] + e["redelivered"] + e["dead"] for e in entries)
    assert all(e["topic"].startswith("file:") for e in entries)


def big(n: int) -> str:
    return csv([f"T{i},C{i},08031234567,2024-01-02 10:00:00,Backlog,no network {i}\n" for i in range(n)])


@pytest.mark.parametrize("breaks_at", range(0, 20, 3))
def test_a_broken_load_is_taken_up_and_nothing_is_lost_or_renumbered(place: Place, breaks_at: int) -> None:
    path = place.write("a.csv", big(1_000))
    broken = FakeBroker(breaks_at)
    with pytest.raises(BrokerBusy):
        place.load(path, broken)
    summary, second = place.load(path)
    assert summary.total.loaded == 1_000
    acknowledged = {e["event_id"] for e in second.events}
    sent_before = {e["event_id"] for e in broken.events}
    assert len(acknowledged | sent_before) == 1_000
    assert {e["revision_no"] for e in second.events} == {0}


def test_a_change_after_a_broken_load_never_reuses_an_id_with_other_content(place: Place) -> None:
    path = place.write("a.csv", big(300))
    broken = FakeBroker(0)  # takes everything, acknowledges nothing
    with pytest.raises(BrokerBusy):
        place.load(path, broken)
    changed = place.write("a.csv", big(300).replace("Backlog", "Resolved"))
    _, second = place.load(changed)
    sent = {e["event_id"] for e in broken.events}
    assert len(second.events) == 300
    assert not sent & {e["event_id"] for e in second.events}
    _, third = place.load(place.write("b.csv", big(300).replace("Backlog", "Resolved") + "\n"))
    assert third.events == []


def test_again_reads_a_loaded_file_and_sends_changes_only(place: Place) -> None:
    path = place.write("a.csv", csv(ROWS))
    place.load(path)
    summary, broker = place.load(path, again=True)
    assert (summary.total.known, broker.events) == (50, [])
    summary, broker = place.load(path, statuses={"Backlog": "held"})
    assert summary.total.updated == 50
    assert {e["fields"]["status"] for e in broker.events} == {"held"}


def test_a_torn_last_row_is_left_and_loaded_when_it_is_whole(place: Place) -> None:
    summary, broker = place.load(place.write("a.csv", csv(ROWS[:5]) + ROWS[5][:9]))
    assert summary.total.rows == 5
    assert "left for the next run" in summary.files[0].note
    summary, broker = place.load(place.write("a.csv", csv(ROWS[:7])))
    assert [e["text"] for e in broker.events] == ["no network 5", "no network 6"]


def test_a_torn_last_row_of_a_file_that_nobody_writes_to_is_dead(place: Place) -> None:
    import os

    path = place.write("a.csv", csv(ROWS[:5]) + ROWS[5][:9])
    place.load(path)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    summary, broker = place.load(path)
    assert (summary.total.loaded, summary.total.dead) == (5, 1)
    assert broker.of("dead-letters")[0]["value"] == ROWS[5][:9].encode()


def test_rows_without_an_id_of_their_own_are_told_apart_by_sender_text_and_minute(place: Place) -> None:
    text = "Phone,Date,Complaint\n08031234567,2024-01-02 10:00:00,slow\n08031234567,2024-01-02 10:05:00,slow\n"
    summary, broker = place.load(place.write("a.csv", text))
    assert summary.total.loaded == 2
    assert len({e["complaint_id"] for e in broker.events}) == 2


def test_a_file_without_a_time_of_the_complaint_is_refused_and_the_next_is_loaded(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.write("a.csv", "foo,bar\n1,2\n")
    place.write("b.csv", csv(ROWS))
    summary, _ = place.load(place.files)
    assert (summary.refused, summary.total.loaded) == (1, 50)
    assert "a.csv: no column is known to hold the time" in capsys.readouterr().err
