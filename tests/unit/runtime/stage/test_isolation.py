"""One bad record never stops its neighbours, and nothing leaves without an outcome."""

from collections.abc import Sequence

import pytest

from services.runtime.deadletters import GROUP_HEADER
from services.runtime.errors import BrokerBusy, FatalStageError
from services.runtime.stage import Outcomes, Record, Stateless
from services.runtime.stage.isolation import handled
from services.runtime.stage.records import DEAD, IGNORED, WRITTEN


def records(*values: bytes) -> list[Record]:
    return [Record("bronze.realtime", 0, n, 0, None, value, None) for n, value in enumerate(values)]


class Picky(Stateless):
    """Copies records; raises on poison, forgets lost, swells large, ignores odd for a reason nobody knows."""

    def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:
        outcomes = Outcomes(records)
        for index, record in enumerate(records):
            if record.value == b"poison":
                raise ValueError("08031234567 is a value that must not be told")
            if record.value == b"away":
                raise BrokerBusy("later")
            if record.value == b"odd":
                outcomes.ignored(index, "because")
            elif record.value != b"lost":
                size = 3_000_000 if record.value == b"large" else 1
                outcomes.emit(index, "silver.realtime", None, b"x" * size)
        return outcomes


@pytest.mark.parametrize(
    ("bad", "reason"),
    [(b"poison", "handler_failed"), (b"lost", "handler_failed"), (b"odd", "handler_failed"), (b"large", "oversize")],
)
def test_a_bad_record_goes_to_dead_letters_and_its_neighbours_pass(bad: bytes, reason: str) -> None:
    outcomes = handled(Picky(), records(b"a", bad, b"b"), "realtime", 0, "cleaner")
    fate = {record.value: outcomes.fates[index] for index, record in enumerate(outcomes.records)}
    assert fate == {b"a": WRITTEN, b"b": WRITTEN, bad: DEAD}
    assert len(outcomes.outputs) == 2
    [failure] = outcomes.failures.values()
    assert failure.reason == reason
    assert "0803" not in failure.detail


def test_several_bad_records_of_different_kinds_are_all_set_aside() -> None:
    outcomes = handled(Picky(), records(b"poison", b"a", b"large", b"lost", b"poison"), "realtime", 0, "cleaner")
    assert sorted(failure.reason for failure in outcomes.failures.values()) == ["handler_failed"] * 3 + ["oversize"]
    assert [outcomes.records[output.source].value for output in outcomes.outputs] == [b"a"]


def test_a_fault_from_outside_is_no_fault_of_the_record() -> None:
    with pytest.raises(BrokerBusy):
        handled(Picky(), records(b"a", b"away"), "realtime", 0, "cleaner")


def test_a_batch_that_fails_though_no_record_does_ends_the_instance() -> None:
    class Together(Stateless):
        def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:
            if len(records) > 1:
                raise RuntimeError("only together")
            outcomes = Outcomes(records)
            outcomes.emit(0, "silver.realtime", None, b"x")
            return outcomes

    with pytest.raises(FatalStageError):
        handled(Together(), records(b"a", b"b"), "realtime", 0, "cleaner")


def test_a_dead_letter_replayed_for_another_group_is_ignored_and_counted() -> None:
    mine = Record("bronze.realtime", 0, 0, 0, None, b"a", [(GROUP_HEADER, b"cleaner")])
    theirs = Record("bronze.realtime", 0, 1, 0, None, b"b", [(GROUP_HEADER, b"lake")])
    outcomes = handled(Picky(), [mine, theirs], "realtime", 0, "cleaner")
    assert [outcomes.fates[outcomes.records.index(one)] for one in (mine, theirs)] == [WRITTEN, IGNORED]
    assert list(outcomes.ignored_for.values()) == ["other_group"]
