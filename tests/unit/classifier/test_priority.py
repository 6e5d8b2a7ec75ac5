from itertools import product

import pytest

from services.classifier.priority import priority, raise_urgency
from services.domain.vocabulary import LEVELS, PRIORITIES


def test_the_matrix_is_itils() -> None:
    assert {pair: priority(*pair) for pair in product(LEVELS, LEVELS)} == {
        ("high", "high"): "P1",
        ("high", "medium"): "P2",
        ("medium", "high"): "P2",
        ("high", "low"): "P3",
        ("medium", "medium"): "P3",
        ("low", "high"): "P3",
        ("medium", "low"): "P4",
        ("low", "medium"): "P4",
        ("low", "low"): "P5",
    }


def test_raised_urgency_never_lowers_the_priority() -> None:
    for impact, urgency in product(LEVELS, LEVELS):
        before, after = priority(impact, urgency), priority(impact, raise_urgency(urgency))
        assert PRIORITIES.index(after) <= PRIORITIES.index(before)


def test_raising_is_one_step() -> None:
    assert [raise_urgency(level) for level in LEVELS] == ["high", "high", "medium"]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        priority("urgent", "high")
