"""Seen ids: exact at any size, bounded in time."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.cleaner import seen as module
from services.cleaner.seen import DAY_MS, SeenIds

IDS = st.binary(min_size=16, max_size=16)


@given(st.lists(st.tuples(st.lists(IDS, max_size=8), st.integers(0, 3)), max_size=12), st.lists(IDS, max_size=8))
@settings(max_examples=80, deadline=None)
def test_it_holds_what_was_added_and_nothing_else(batches: list[tuple[list[bytes], int]], others: list[bytes]) -> None:
    seen, known = SeenIds(), set()
    for ids, day in batches:
        seen.add(ids, day * DAY_MS)
        known.update(ids)
    asked = [*known, *others]
    assert seen.holds(asked) == [one in known for one in asked]


def test_it_stays_exact_through_runs_and_merges(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "YOUNG_LIMIT", 64)
    rng = random.Random(1)
    seen, known = SeenIds(), [rng.randbytes(16) for _ in range(5_000)]
    for at in range(0, len(known), 50):
        seen.add(known[at : at + 50], 0)
    assert len(seen) == len(known)
    assert all(seen.holds(known))
    assert not any(seen.holds([rng.randbytes(16) for _ in range(5_000)]))


def test_ids_with_the_same_upper_half_are_told_apart(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "YOUNG_LIMIT", 4)
    seen = SeenIds()
    ids = [b"SAMEHALF" + bytes([n]) * 8 for n in range(20)]
    seen.add(ids[:10], 0)
    assert seen.holds(ids) == [True] * 10 + [False] * 10


def test_ids_leave_after_the_window() -> None:
    seen = SeenIds(window_days=7)
    seen.add([b"a" * 16], 0)
    seen.add([b"b" * 16], 7 * DAY_MS)
    assert seen.holds([b"a" * 16, b"b" * 16]) == [True, True]
    seen.add([b"c" * 16], 8 * DAY_MS)
    assert seen.holds([b"a" * 16, b"b" * 16, b"c" * 16]) == [False, True, True]
