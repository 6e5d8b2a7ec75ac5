"""The cleaner on values alone: redeliveries, reposts, imputation, masking that fails closed."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.cleaner.handler import Cleaner
from services.cleaner.masking import MaskedText, Masker
from services.domain.bronze import bronze_event
from services.domain.identity import IdKey, KeyVersion, PseudonymKeys
from services.domain.places import Gazetteer
from services.runtime.codec import Codec
from services.runtime.stage import Outcomes, Record
from services.runtime.stage.records import DEAD, REDELIVERED, WRITTEN

CODEC = Codec()
IDS = IdKey(b"an id key for tests only")
KEYS = PseudonymKeys([KeyVersion(1, 0, b"a pseudonym key for tests only")])
NOW = 1_790_000_000_000
HOUR = 3_600_000
TEXT = "No network for Ajah since morning, I cannot call anybody"
MASKER, GAZETTEER = Masker.load(), Gazetteer.load()


def cleaner(masker: Any = MASKER) -> Cleaner:
    return Cleaner(CODEC, masker, KEYS, GAZETTEER)


def event(own_id: str = "1", text: str | None = TEXT, sender: str = "08031234567", **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "source": "sms:generic",
        "own_id": own_id,
        "channel": "sms",
        "lane": "realtime",
        "action": "created",
        "identifiers": [("msisdn", sender)] if sender else [],
        "recipient": "131",
        "text": text,
        "occurred_at": NOW - HOUR,
        "received_at": NOW - 1_000,
        "payload": b"{}",
        "payload_type": "application/json",
    }
    _, bronze = bronze_event(IDS, **(given | changes))
    return bronze


def records(*events: dict[str, Any] | bytes | None, partition: int = 0) -> list[Record]:
    encoded = [CODEC.encode("BronzeEvent", e) if isinstance(e, dict) else e for e in events]
    return [Record("bronze.realtime", partition, n, NOW, b"key", value, None) for n, value in enumerate(encoded)]


def run(handler: Cleaner, *events: dict[str, Any] | bytes | None, lane: str = "realtime") -> Outcomes:
    outcomes = handler.handle(records(*events), lane, NOW)
    handler.apply(outcomes)
    return outcomes


def silver(outcomes: Outcomes) -> list[dict[str, Any]]:
    return [CODEC.decode("SilverEvent", output.value) for output in outcomes.outputs]


def test_a_bronze_event_becomes_a_masked_silver_event() -> None:
    [made] = silver(run(cleaner(), event(text="Hello MTN, call me on 08099887766. " + TEXT)))
    assert "08099887766" not in made["text"]
    assert "[PHONE_1]" in made["text"]
    assert made["pii_counts"] == {"PHONE": 1}
    assert made["customer_key"] == KEYS.key("msisdn", "+2348031234567", NOW)
    assert made["mentioned_keys"] == [KEYS.key("msisdn", "+2348099887766", NOW)]
    assert made["status"] == "acknowledged"
    assert made["imputed"] == ["status"]


def test_a_handle_is_a_mention_on_its_network_and_nobody_in_an_sms() -> None:
    text = "ask @ada_obi too. " + TEXT
    on_x = event("1", text=text, source="x", channel="x", identifiers=[("handle", "x:someone")])
    [made] = silver(run(cleaner(), on_x))
    assert made["mentioned_keys"] == [KEYS.key("handle", "x:ada_obi", NOW)]
    [made] = silver(run(cleaner(), event("2", text=text)))
    assert made["mentioned_keys"] == []


def test_the_customers_own_number_in_the_text_is_no_mention() -> None:
    [made] = silver(run(cleaner(), event(text="my line 0803 123 4567 has " + TEXT)))
    assert made["mentioned_keys"] == []


def test_a_second_delivery_is_dropped_within_a_batch_and_across_batches() -> None:
    handler = cleaner()
    assert run(handler, event("1"), event("2"), event("1")).fates == [WRITTEN, WRITTEN, REDELIVERED]
    assert run(handler, event("2"), event("3")).fates == [REDELIVERED, WRITTEN]


def test_handling_changes_no_state_before_it_is_applied() -> None:
    handler = cleaner()
    first = handler.handle(records(event("1")), "realtime", NOW)
    second = handler.handle(records(event("1")), "realtime", NOW)
    assert [o.value for o in first.outputs] == [o.value for o in second.outputs]
    handler.apply(second)
    assert handler.handle(records(event("1")), "realtime", NOW).fates == [REDELIVERED]


def test_state_is_the_same_after_a_restore_from_the_changelog() -> None:
    before = cleaner()
    values = [value for n in range(3) for value in run(before, event(str(n))).changes[0]]
    after = cleaner()
    after.restore(0, values)
    again = (event("1"), event("9", text=TEXT + "!"))
    first, second = (handler.handle(records(*again), "realtime", NOW) for handler in (before, after))
    assert first.fates == second.fates == [REDELIVERED, WRITTEN]
    assert silver(first)[0]["duplicate_of"] == silver(second)[0]["duplicate_of"] == event("0")["event_id"]


def test_a_dropped_partition_is_forgotten() -> None:
    handler = cleaner()
    run(handler, event("1"))
    handler.drop(0)
    assert run(handler, event("1")).fates == [WRITTEN]


def test_a_dead_letter_does_not_enter_the_seen_set_so_that_its_replay_passes() -> None:
    class Broken:
        def mask_batch(self, texts: Sequence[str]) -> list[Any]:
            raise RuntimeError("08031234567")

        def mask(self, text: str) -> Any:
            raise RuntimeError("08031234567")

    broken = cleaner(Broken())
    outcomes = run(broken, event("1"))
    assert outcomes.fates == [DEAD]
    assert outcomes.failures[0].reason == "masking_failed"
    assert "0803" not in outcomes.failures[0].detail
    mended = cleaner()
    mended.restore(0, [value for values in outcomes.changes.values() for value in values])
    assert run(mended, event("1")).fates == [WRITTEN]


def test_masking_that_raises_on_one_text_leaves_its_neighbours_alone() -> None:
    class Picky:
        def mask_batch(self, texts: Sequence[str]) -> list[Any]:
            return [self.mask(text) for text in texts]

        def mask(self, text: str) -> Any:
            if "poison" in text:
                raise RuntimeError("no")
            return MASKER.mask(text)

    outcomes = run(cleaner(Picky()), event("1"), event("2", text="poison " + TEXT), event("3", text="other " + TEXT))
    assert outcomes.fates == [WRITTEN, DEAD, WRITTEN]


def test_what_the_second_scan_finds_is_held_back() -> None:
    class Blind:
        def mask_batch(self, texts: Sequence[str]) -> list[Any]:
            return [MaskedText(text, language="en") for text in texts]

    outcomes = run(cleaner(Blind()), event(text="call 08099887766 " + TEXT))
    assert outcomes.fates == [DEAD]
    assert outcomes.failures[0].reason == "leak"
    assert "0809" not in outcomes.failures[0].detail


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"event_id": "08031234567"}, "bad_field"),
        ({"channel": "08031234567"}, "bad_field"),
        ({"source": "sms:ada obi"}, "bad_field"),
        ({"occurred_at": 0}, "bad_timestamp"),
        ({"occurred_at": 4_102_444_800_000}, "bad_timestamp"),
    ],
)
def test_an_envelope_that_ingest_never_writes_is_a_dead_letter(change: dict[str, Any], reason: str) -> None:
    outcomes = run(cleaner(), event() | change)
    assert outcomes.fates == [DEAD]
    assert outcomes.failures[0].reason == reason
    assert "0803" not in outcomes.failures[0].detail


@pytest.mark.parametrize("value", [None, b"", b"rubbish", b"\0\0\0\0\x01"])
def test_bytes_that_are_no_bronze_event_are_dead_letters(value: bytes | None) -> None:
    assert run(cleaner(), value, event("1")).fates == [DEAD, WRITTEN]


def test_a_repost_on_another_channel_is_marked_and_kept() -> None:
    handler = cleaner()
    run(handler, event("1"))
    again = event("7", text=TEXT.upper() + " !!", channel="whatsapp", source="sms:twilio", occurred_at=NOW - 70 * HOUR)
    [made] = silver(run(handler, again))
    assert made["duplicate_of"] == event("1")["event_id"]


def test_a_chain_of_reposts_points_to_the_first() -> None:
    handler = cleaner()
    made = [silver(run(handler, event(str(n), text=TEXT + "." * n)))[0] for n in range(4)]
    assert [one["duplicate_of"] for one in made] == [None] + [event("0")["event_id"]] * 3


@pytest.mark.parametrize(
    "other",
    [
        {"sender": "08055555555"},
        {"occurred_at": NOW - 80 * HOUR},
        {"text": "My balance was deducted again without any reason at all"},
    ],
    ids=["another customer", "too long ago", "another text"],
)
def test_what_is_no_repost_stays_unmarked(other: dict[str, Any]) -> None:
    handler = cleaner()
    run(handler, event("1"))
    [made] = silver(run(handler, event("2", **other)))
    assert made["duplicate_of"] is None


def test_a_revision_is_no_repost_of_itself_but_stays_one_of_another() -> None:
    handler = cleaner()
    run(handler, event("1"))
    [update] = silver(run(handler, event("1", revision_no=1, action="updated", fields={"status": "resolved"})))
    assert (update["duplicate_of"], update["status"]) == (None, "resolved")
    run(handler, event("2"))
    [update] = silver(run(handler, event("2", revision_no=1, action="updated", fields={"status": "closed"})))
    assert update["duplicate_of"] == event("1")["event_id"]


def test_gaps_are_filled_by_stated_rules_and_named() -> None:
    fields = {"subject": "Internet very slow", "city": "Ikeja", "operator": "mtn", "followers": "120"}
    [made] = silver(run(cleaner(), event(text="  ", fields=fields)))
    assert made["text"] == "Internet very slow"
    assert (made["state"], made["lga"], made["operator"], made["reach"]) == ("Lagos", "Ikeja", "MTN", 120)
    assert made["imputed"] == ["text", "state", "lga", "status"]


def test_a_deletion_carries_no_text() -> None:
    [made] = silver(run(cleaner(), event(action="deleted", revision_no=1)))
    assert (made["text"], made["action"]) == ("", "deleted")


def test_the_batch_lane_goes_to_the_batch_topic() -> None:
    outcomes = run(cleaner(), event(lane="batch", channel="call_center", source="call_center:lagos"), lane="batch")
    assert [output.topic for output in outcomes.outputs] == ["silver.batch"]
