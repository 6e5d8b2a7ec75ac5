"""Every recogniser against its own examples, through the whole engine."""

import pytest

from services.cleaner.masking import Masker
from services.cleaner.masking.gate import leaks
from services.cleaner.masking.recognisers import NUMBERS, PATTERNS

MASKER = Masker.load()
POSITIVE = [(r.type, text) for r in (*NUMBERS, *PATTERNS) for text in r.positive]
NEGATIVE = [(r.type, text) for r in (*NUMBERS, *PATTERNS) for text in r.negative]


@pytest.mark.parametrize(("kind", "text"), POSITIVE)
def test_a_positive_example_is_masked_as_its_type(kind: str, text: str) -> None:
    masked = MASKER.mask(text)
    assert kind in masked.counts
    assert leaks(masked.text) == []


@pytest.mark.parametrize(("kind", "text"), NEGATIVE)
def test_a_negative_example_is_not_masked_as_that_type(kind: str, text: str) -> None:
    assert kind not in MASKER.mask(text).counts
