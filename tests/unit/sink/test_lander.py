"""The rounds of a lander against a group and a warehouse in memory: crashes, zombies and refusals at every step."""

import threading
from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.runtime.errors import PipelineError
from services.sink.buffer import Limits
from services.sink.lander import STEPS, Lander
from services.sink.ranges import Range
from tests.unit.sink.fakes import BAD, FakeAccount, FakeMember, FakeTarget, FakeWarehouse, Group, Stub

TOPIC = "gold.batch"
Step = Callable[[str, Range | None], None]


class Crash(Exception):
    """The process dies."""


class Clock:
    """A clock that moves a millisecond at every look, and as told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def crash_at(step: str, nth: int) -> Step:
    """Dies when `step` is reached for the nth time (from 1)."""
    left = [nth]

    def told(name: str, _range: Range | None) -> None:
        if name == step:
            left[0] -= 1
            if left[0] == 0:
                raise Crash

    return told


def lander(
    warehouse: FakeWarehouse,
    account: FakeAccount,
    step: Step = lambda _name, _range: None,
    rows: int = 4,
    clock: Callable[[], float] | None = None,
) -> Lander:
    return Lander(
        {TOPIC: FakeTarget()},
        warehouse.insert,
        account,  # type: ignore[arg-type]
        Limits(rows, 1_000_000, 0.0),
        fence_after=10.0,
        step=step,
        clock=clock or Clock(),
    )


def row(partition: int, offset: int, bad: bool = False) -> bytes:
    return (BAD if bad else b"row") + bytes([partition]) + offset.to_bytes(4, "big")


def group_of(*sizes: int, bad: frozenset[tuple[int, int]] = frozenset(), gap: int = 1) -> Group:
    """Partitions with so many records; every `gap`th offset only (control records take the others)."""
    group = Group()
    for partition, size in enumerate(sizes):
        group.logs[TOPIC, partition] = [
            (index * gap, row(partition, index * gap, (partition, index) in bad)) for index in range(size)
        ]
    return group


def drain(group: Group, made: Lander, rounds: int = 50) -> None:
    member = FakeMember(group, made)
    stop = threading.Event()
    for _ in range(rounds):
        made.turn(member, stop)  # type: ignore[arg-type]
    for place in group.logs:
        assert group.committed.get(place, (0, "")) == (group.end(place), ""), "not drained"


def check_exact(group: Group, warehouse: FakeWarehouse, account: FakeAccount) -> None:
    """Every good record is one row, every bad one a refusal, and settled ranges join end to end."""
    good = sorted(v for log in group.logs.values() for _, v in log if not v.startswith(BAD) and v != b"null")
    assert sorted(warehouse.rows) == good
    for place, log in group.logs.items():
        spans = sorted({(s.first, s.end): (r, d) for s, r, d in account.settled if s.partition == place[1]}.items())
        at = 0
        read: list[int] = []
        dead: list[int] = []
        for (first, end), (offsets, refused) in spans:
            assert first == at, "a gap or an overlap"
            at = end
            read += offsets
            dead += refused
        assert read == [offset for offset, _ in log]
        assert dead == [offset for offset, value in log if value.startswith(BAD) or value == b"null"]


def test_everything_lands_once_in_ranges_that_join() -> None:
    group, warehouse, account = group_of(11, 0 + 3, gap=2), FakeWarehouse(), FakeAccount()
    drain(group, lander(warehouse, account))
    check_exact(group, warehouse, account)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_at_any_step_neither_loses_nor_repeats(step: str, nth: int) -> None:
    group, warehouse, account = group_of(9, 5, bad=frozenset({(0, 2)})), FakeWarehouse(), FakeAccount()
    first = lander(warehouse, account, crash_at(step, nth))
    with pytest.raises(Crash):
        drain(group, first)
    drain(group, lander(warehouse, account, rows=3))
    check_exact(group, warehouse, account)


def test_a_pending_range_is_landed_again_exactly_before_anything_else() -> None:
    group, warehouse, account = group_of(10), FakeWarehouse(), FakeAccount()
    first = lander(warehouse, account, crash_at("inserted", 1), rows=4)
    with pytest.raises(Crash):
        first.turn(FakeMember(group, first), threading.Event())  # type: ignore[arg-type]
    tokens = set(warehouse.tokens)
    # the successor has other limits and more records to choose from, and must not choose
    drain(group, lander(warehouse, account, rows=100))
    assert tokens <= set(warehouse.tokens)
    assert account.settled[0][0].end == 4
    check_exact(group, warehouse, account)


def test_a_zombie_is_refused_before_it_inserts() -> None:
    group, warehouse, account = group_of(6), FakeWarehouse(), FakeAccount()
    zombie = lander(warehouse, account)
    old = FakeMember(group, zombie)
    drain(group, lander(warehouse, account))
    group.logs[TOPIC, 0].append((6, row(0, 6)))
    before = list(warehouse.rows)
    zombie.turn(old, threading.Event())  # type: ignore[arg-type]
    assert warehouse.rows == before
    assert zombie.owned == frozenset()


def test_a_zombie_stopped_between_declaring_and_inserting_repeats_only_under_the_same_token() -> None:
    group, warehouse, account = group_of(6), FakeWarehouse(), FakeAccount()

    def overtaken(name: str, _range: Range | None) -> None:
        if name == "inserting" and group.generation == 1:
            drain(group, lander(warehouse, account))

    zombie = lander(warehouse, account, overtaken)
    zombie.turn(FakeMember(group, zombie), threading.Event())  # type: ignore[arg-type]
    check_exact(group, warehouse, account)


def test_a_process_that_was_stopped_declares_again_before_it_inserts() -> None:
    group, warehouse, account, clock = group_of(3, 3), FakeWarehouse(), FakeAccount(), Clock()

    def stopped(name: str, _range: Range | None) -> None:
        if name == "declared" and group.generation == 1:
            clock.now += 60
            group.generation += 1

    zombie = lander(warehouse, account, stopped, clock=clock)
    zombie.turn(FakeMember(group, zombie), threading.Event())  # type: ignore[arg-type]
    assert warehouse.rows == []


def test_refused_ranges_are_on_record_before_their_halves_are_sent() -> None:
    group, warehouse, account = group_of(8, bad=frozenset({(0, 5)})), FakeWarehouse(), FakeAccount()
    drain(group, lander(warehouse, account, rows=8))
    declared = [metadata for commit in group.commits for _, metadata in commit.values() if metadata]
    assert any(" 1:0-8" in metadata for metadata in declared)
    assert any(" 1:4-8" in metadata for metadata in declared)
    check_exact(group, warehouse, account)


def test_a_warehouse_that_is_away_is_waited_for_in_place() -> None:
    group, account = group_of(5), FakeAccount()
    tries = iter([True] * 3)
    warehouse = FakeWarehouse(away=lambda: next(tries, False))
    made = lander(warehouse, account)
    member = FakeMember(group, made)
    made.turn(member, threading.Event())  # type: ignore[arg-type]
    assert member.paused
    for _ in range(5):
        made.turn(member, threading.Event())  # type: ignore[arg-type]
    assert not member.paused
    check_exact(group, warehouse, account)


def test_a_topic_made_anew_does_not_inherit_a_pending_range() -> None:
    group, warehouse, account = group_of(4), FakeWarehouse(), FakeAccount()
    old = Range(TOPIC, 0, 0, 900, "older-topic")
    group.committed[TOPIC, 0] = (0, old.metadata())
    drain(group, lander(warehouse, account))
    check_exact(group, warehouse, account)


def test_metadata_of_an_unknown_form_stops_the_lander() -> None:
    group, warehouse, account = group_of(4), FakeWarehouse(), FakeAccount()
    group.committed[TOPIC, 0] = (0, "r9 whatever")
    with pytest.raises(PipelineError, match="metadata"):
        FakeMember(group, lander(warehouse, account))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sizes=st.lists(st.integers(0, 12), min_size=1, max_size=3),
    bad=st.frozensets(st.tuples(st.integers(0, 2), st.integers(0, 11)), max_size=6),
    crashes=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 4)), max_size=5),
    zombies=st.booleans(),
    rows=st.integers(1, 6),
    gap=st.integers(1, 2),
    faults=st.lists(st.booleans(), max_size=10),
)
def test_whatever_happens_every_record_lands_once(
    sizes: list[int],
    bad: frozenset[tuple[int, int]],
    crashes: list[tuple[str, int]],
    zombies: bool,
    rows: int,
    gap: int,
    faults: list[bool],
) -> None:
    group = group_of(*sizes, bad=bad, gap=gap)
    upsets = iter(faults)
    warehouse = FakeWarehouse(away=lambda: next(upsets, False))
    account = FakeAccount(busy=lambda: next(upsets, False))
    old: list[tuple[Lander, FakeMember]] = []
    for step, nth in crashes:
        made = lander(warehouse, account, crash_at(step, nth), rows=rows)
        member = FakeMember(group, made, busy=lambda: next(upsets, False))
        try:
            for _ in range(4):
                made.turn(member, threading.Event())  # type: ignore[arg-type]
        except Crash:
            continue
        old.append((made, member))
    if not any(sizes):
        return
    drain(group, lander(warehouse, account, rows=rows + 1), rounds=200)
    if zombies:
        for made, member in old:
            made.turn(member, threading.Event())  # type: ignore[arg-type]
    check_exact(group, warehouse, account)


def test_a_member_whose_client_fails_is_closed_and_another_joins() -> None:
    group, warehouse, account, stop = group_of(5), FakeWarehouse(), FakeAccount(), threading.Event()
    closed: list[FakeMember] = []

    class Failing(FakeMember):
        def poll(self, _seconds: float, limit: int) -> list[Stub]:
            # what a rebalance callback raises comes out of poll() as the bare KafkaError
            raise KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION)

        def close(self) -> None:
            closed.append(self)

    class Last(FakeMember):
        def poll(self, seconds: float, limit: int) -> list[Stub]:
            if group.committed.get((TOPIC, 0)) == (5, ""):
                stop.set()
            return super().poll(seconds, limit)

    kinds = iter([Failing, Last])
    made = lander(warehouse, account)
    made.run(lambda joining: next(kinds)(group, joining), stop)  # type: ignore[arg-type, return-value]
    assert len(closed) == 1
    check_exact(group, warehouse, account)
