"""Tokens and metadata of ranges: pure functions of the exact range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.errors import PipelineError
from services.sink.ranges import METADATA_LIMIT, Range, pending

RANGE = Range("gold.batch", 3, 10, 20, "topic-id")
cuts = st.tuples(st.sampled_from(["6", "12"]), st.integers(0, 5_000), st.integers(5_001, 10_000))


@given(st.frozensets(cuts, max_size=40), st.integers(0, 2**40), st.integers(0, 10**6))
def test_metadata_gives_the_same_range_back(rejected: frozenset[tuple[str, int, int]], first: int, size: int) -> None:
    span = Range("gold.realtime", 7, first, first + size, "a-B_c1", rejected)
    again = pending("gold.realtime", 7, first, span.metadata())
    assert again == span
    assert again is not None
    assert again.token("6", 0, 5) == span.token("6", 0, 5)


def test_metadata_stays_below_kafkas_limit_and_leaves_out_the_smallest_refusals() -> None:
    span = RANGE
    for low in range(0, 20_000, 2):
        span = span.with_rejected("6", low, low + 2)
    span = span.with_rejected("6", 0, 20_000)
    text = span.metadata()
    assert len(text) <= METADATA_LIMIT
    kept = pending("gold.batch", 3, 10, text)
    assert kept is not None
    assert ("6", 0, 20_000) in kept.rejected


@pytest.mark.parametrize(
    "other",
    [
        Range("gold.realtime", 3, 10, 20, "topic-id"),
        Range("gold.batch", 4, 10, 20, "topic-id"),
        Range("gold.batch", 3, 11, 20, "topic-id"),
        Range("gold.batch", 3, 10, 21, "topic-id"),
        Range("gold.batch", 3, 10, 20, "another topic of that name"),
    ],
)
def test_any_other_range_has_another_token(other: Range) -> None:
    assert other.token("6", 0, 5) != RANGE.token("6", 0, 5)


def test_parts_and_rows_of_one_range_have_tokens_of_their_own_and_refusals_change_none() -> None:
    tokens = {RANGE.token(part, low, high) for part in ("6", "7") for low, high in ((0, 5), (0, 4), (4, 5))}
    assert len(tokens) == 6
    assert RANGE.with_rejected("6", 0, 5).token("6", 0, 5) == RANGE.token("6", 0, 5)


def test_no_metadata_is_nothing_pending() -> None:
    assert pending("gold.batch", 3, 10, None) is None
    assert pending("gold.batch", 3, 10, "") is None


@pytest.mark.parametrize("metadata", ["r2 20 e", "r1 9 e", "r1 x e", "r1 20", "r1 20 e 6:1", "anything"])
def test_metadata_that_cannot_be_read_is_refused_by_name_of_the_place(metadata: str) -> None:
    with pytest.raises(PipelineError, match=r"gold\.batch\[3\].*10"):
        pending("gold.batch", 3, 10, metadata)
