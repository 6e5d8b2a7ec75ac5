"""Asterisk and Genesys: their formats, and their own samples where they are at hand."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from services.batch_loader.load_queue_logs import QueueLogLoads
from services.batch_loader.session import Session
from services.batch_loader.sources import Source
from services.batch_loader.summary import Summary
from services.runtime.errors import BrokerBusy
from tests.unit.batch_loader.fakes import FakeBroker, Place, quiet

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the vendors' samples are not here")


class Centre(Place):
    """A call centre with queue logs."""

    def logs(self, path: Path, broker: FakeBroker | None = None) -> tuple[Summary, FakeBroker]:
        """Load queue logs."""
        broker = broker or FakeBroker()
        source = Source(kind="asterisk_queue_log", name="lagos")
        with Session(self.settings, source, quiet(), broker) as session:
            from services.batch_loader.files.locate import find

            return QueueLogLoads(session).run(find(str(path))), broker


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def call(n: int, at: int, end: str = "COMPLETEAGENT|10|120|1") -> list[str]:
    return [
        f"{at}|{at}.{n}|care|NONE|ENTERQUEUE||0803{n:07d}|1",
        f"{at + 10}|{at}.{n}|care|SIP/{n}|CONNECT|10|{at}.9|3",
        f"{at + 130}|{at}.{n}|care|SIP/{n}|{end}",
    ]


T = 1_700_000_000


def test_a_call_is_one_complaint_of_its_caller(centre: Centre) -> None:
    lines = call(1, T)
    summary, broker = centre.logs(centre.write("queue_log", "\n".join(lines) + "\n"))
    assert (summary.total.rows, summary.total.loaded, summary.total.joined) == (3, 1, 2)
    (event,) = broker.events
    assert event["identifiers"] == [{"kind": "msisdn", "value": "08030000001"}]
    assert event["occurred_at"] == T * 1000
    assert event["fields"] == {
        "queue": "care",
        "agent_id": "SIP/1",
        "outcome": "answered, ended by the agent",
        "hold_seconds": "10",
        "duration_seconds": "120",
    }
    assert event["payload"].decode().splitlines() == lines
    entries = broker.of("ledger")
    assert sum(e["read"] for e in entries) == 3
    assert sum(e["joined"] for e in entries) == 2


def test_a_call_may_end_in_the_next_file_or_run(centre: Centre) -> None:
    lines = call(1, int(time.time()) - 600)
    _, first = centre.logs(centre.write("a.log", lines[0] + "\n"))
    assert first.events == []
    _, second = centre.logs(centre.write("b.log", "\n".join(lines[1:]) + "\n"))
    assert second.events[0]["identifiers"] == [{"kind": "msisdn", "value": "08030000001"}]
    assert second.events[0]["payload"].decode().splitlines() == lines


def test_the_end_of_an_old_call_that_is_loaded_later_is_an_update_that_knows_its_caller(centre: Centre) -> None:
    lines = call(1, T)
    _, first = centre.logs(centre.write("a.log", lines[0] + "\n"))
    assert [e["fields"]["outcome"] for e in first.events] == ["no end in the log"]
    _, second = centre.logs(centre.write("b.log", "\n".join(lines[1:]) + "\n"))
    (event,) = second.events
    assert (event["action"], event["identifiers"]) == ("updated", [{"kind": "msisdn", "value": "08030000001"}])
    assert event["complaint_id"] == first.events[0]["complaint_id"]


def test_files_are_read_in_the_order_of_their_events(centre: Centre) -> None:
    lines = call(1, T)
    centre.write("queue_log", "\n".join(lines[1:]) + "\n")
    centre.write("queue_log.1", lines[0] + "\n")
    _, broker = centre.logs(centre.files)
    assert len(broker.events) == 1
    assert broker.events[0]["identifiers"]


def test_a_growing_log_is_taken_up_where_it_was_left(centre: Centre) -> None:
    lines = call(1, int(time.time()) - 900) + call(2, int(time.time()) - 840)
    centre.logs(centre.write("queue_log", "\n".join(lines[:4]) + "\n" + lines[4][:20]))
    summary, broker = centre.logs(centre.write("queue_log", "\n".join(lines) + "\n"))
    assert (summary.total.rows, summary.total.known, summary.total.joined, summary.total.loaded) == (6, 4, 1, 1)
    assert broker.events[0]["payload"].decode().splitlines() == lines[3:]


def test_a_call_without_an_end_is_given_out_after_a_while(centre: Centre) -> None:
    lines = [call(1, T)[0], *call(2, T + 7 * 3_600)]
    _, broker = centre.logs(centre.write("queue_log", "\n".join(lines) + "\n"))
    assert [e["fields"]["outcome"] for e in broker.events] == ["answered, ended by the agent", "no end in the log"]
    entries = broker.of("ledger")
    assert sum(e["read"] for e in entries) == 4
    assert sum(e["split"] for e in entries) == 1
    assert all(e["read"] + e["split"] == e["written"] + e["joined"] for e in entries)
    text = "\n".join([*lines, *call(3, T + 8 * 3_600)]) + "\n"
    _, again = centre.logs(centre.write("queue_log", text))
    assert len(again.events) == 1


@pytest.mark.parametrize(
    ("end", "outcome", "held"),
    [("ABANDON|1|1|68", "abandoned", "68"), ("EXITWITHTIMEOUT|1|1|30", "not answered in time", "30"),
     ("EXITWITHKEY|5|1|1|12", "left by key", "12"), ("EXITEMPTY|1|1|9", "no agent there", "9")],
)  # fmt: skip
def test_ends_of_calls(centre: Centre, end: str, outcome: str, held: str) -> None:
    lines = [call(1, T)[0], f"{T + 70}|{T}.1|care|NONE|{end}"]
    _, broker = centre.logs(centre.write("queue_log", "\n".join(lines) + "\n"))
    assert (broker.events[0]["fields"]["outcome"], broker.events[0]["fields"]["hold_seconds"]) == (outcome, held)


@pytest.mark.parametrize("breaks_at", [0, 2, 4, 6])
def test_a_broken_run_loses_no_call_and_renumbers_none(centre: Centre, breaks_at: int) -> None:
    lines = [line for n in range(200) for line in call(n, T + 5 * n)]
    lines.sort(key=lambda line: int(line[:10]))
    path = centre.write("queue_log", "\n".join(lines) + "\n")
    broken = FakeBroker(breaks_at)
    with pytest.raises(BrokerBusy):
        centre.logs(path, broken)
    _, second = centre.logs(path)
    ids = {e["event_id"] for e in (*broken.events, *second.events)}
    assert len(ids) == 200
    assert all(e["identifiers"] and e["revision_no"] == 0 for e in second.events)


def test_waiting_calls_are_sealed_in_the_manifest(centre: Centre) -> None:
    centre.logs(centre.write("a.log", call(1, T)[0] + "\n"))
    stored = b"".join(path.read_bytes() for path in centre.folder.glob("manifest.db*"))
    assert b"08030000001" not in stored
    assert b"sealed" in stored


@needs_samples
def test_the_sample_of_a_queue_log(centre: Centre) -> None:
    data = (SAMPLES / "asterisk" / "queue_log").read_bytes()
    summary, broker = centre.logs(centre.write("queue_log", data))
    found = {e["fields"]["queue"]: (e["identifiers"], e["occurred_at"]) for e in broker.events}
    assert found == {
        "8000": ([{"kind": "msisdn", "value": "7145"}], 1699286234000),
        "support": ([{"kind": "msisdn", "value": "7000"}], 1596512941000),
        "700": ([{"kind": "msisdn", "value": "441632960111"}], 1784160000000),
        "MYQUEUE": ([], 1366720340000),
    }
    assert [(x["offset"], x["reason"]) for x in broker.of("dead-letters")] == [(12, "bad_timestamp")]
    assert summary.total.ignored == 2


@needs_samples
def test_the_sample_of_call_detail_records(centre: Centre) -> None:
    summary, broker = centre.load(SAMPLES / "asterisk" / "Master.csv", kind="asterisk_cdr")
    assert (summary.total.rows, summary.total.dead) == (12, 0)
    assert len({e["complaint_id"] for e in broker.events}) == 2
    first = broker.events[0]
    assert first["identifiers"] == [{"kind": "msisdn", "value": "100"}]
    assert first["occurred_at"] == 1362399078000  # 2013-03-04 13:11:18 in Lagos


def cdr(n: int, torn: bool = False) -> str:
    clid = f'"""Ada Obi"" <0803{n:07d}>"'
    row = f'"","","200","care",{clid},"SIP/t-00000000","SIP/bob-00000001","Queue","care,t","2024-01-02 10:00:00",,"2024-01-02 10:01:00",60,0,"NO ANSWER","DOCUMENTATION","170.{n}",""\n'  # noqa: E501
    return row[:-30] if torn else row


def test_call_detail_records_know_caller_name_agent_and_queue(centre: Centre) -> None:
    _, broker = centre.load(centre.write("Master.csv", cdr(1)), kind="asterisk_cdr")
    (event,) = broker.events
    assert event["identifiers"] == [{"kind": "msisdn", "value": "08030000001"}]
    assert event["recipient"] == "200"
    fields = event["fields"]
    assert (fields["customer_name"], fields["agent_id"], fields["queue"]) == ("Ada Obi", "SIP/bob", "care")


def test_a_torn_record_is_left_for_the_next_run(centre: Centre) -> None:
    centre.load(centre.write("Master.csv", cdr(1) + cdr(2, torn=True)), kind="asterisk_cdr")
    summary, _ = centre.load(centre.write("Master.csv", cdr(1) + cdr(2) + cdr(3)), kind="asterisk_cdr")
    assert (summary.total.known, summary.total.loaded) == (1, 2)


def test_legs_of_a_call_are_not_sent_again_when_the_file_grows(centre: Centre) -> None:
    legs = cdr(1) + cdr(1).replace("NO ANSWER", "ANSWERED")
    centre.load(centre.write("Master.csv", legs), kind="asterisk_cdr")
    summary, _ = centre.load(centre.write("Master.csv", legs + cdr(2)), kind="asterisk_cdr")
    assert (summary.total.updated, summary.total.loaded) == (0, 1)


@needs_samples
def test_the_sample_of_a_conversation(centre: Centre) -> None:
    path = SAMPLES / "genesys_cloud" / "conversation_detail.json"
    _, broker = centre.load(path, kind="genesys")
    (event,) = broker.events
    assert event["identifiers"] == [{"kind": "msisdn", "value": "+541140000000"}]
    assert (event["recipient"], event["text"]) == ("+541149091405", "pidió saldo")
    assert event["fields"]["category"] == "w-saldo"
    assert event["occurred_at"] == 1789905600000
    (whole,) = json.loads(path.read_bytes())["conversations"]
    assert json.loads(event["payload"]) == whole


@pytest.mark.parametrize(
    "junk", [{}, {"participants": None}, {"participants": [None, {"sessions": 7}]}, {"conversationId": 5}]
)
def test_conversations_of_another_form_are_faults_or_nothing(centre: Centre, junk: dict[str, Any]) -> None:
    good = {"conversationId": "c1", "conversationStart": "2024-01-02T10:00:00.000Z", "participants": []}
    text = json.dumps({"conversations": [junk, good]})
    _, broker = centre.load(centre.write("a.json", text), kind="genesys")
    assert len(broker.events) == 1
