"""The upper tail of the negative binomial."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.outages.tail import upper_tail


def _by_summing(count: int, mean: float, dispersion: float) -> float:
    """1 - P(X < count), term by term, in a way that shares nothing with the code under test."""
    size = mean / (dispersion - 1)
    chance = 1 / dispersion
    below = 0.0
    term = chance**size
    for k in range(count):
        below += term
        term *= (k + size) / (k + 1) * (1 - chance)
    return 1 - below


@pytest.mark.parametrize(
    ("count", "mean", "dispersion"), [(8, 3.0, 2.0), (15, 5.5, 1.7), (4, 0.5, 3.0), (40, 20.0, 4.0)]
)
def test_it_is_the_sum_over_the_tail(count: int, mean: float, dispersion: float) -> None:
    assert upper_tail(count, mean, dispersion) == pytest.approx(_by_summing(count, mean, dispersion), rel=1e-8)


def test_without_dispersion_it_is_poisson() -> None:
    poisson = 1 - sum(math.exp(-2.5) * 2.5**k / math.factorial(k) for k in range(9))
    assert upper_tail(9, 2.5, 1.0) == pytest.approx(poisson, rel=1e-9)
    assert upper_tail(9, 2.5, 1.0 + 1e-6) == pytest.approx(poisson, rel=1e-3)


MEANS = st.floats(0.001, 5_000)
DISPERSIONS = st.floats(1.0, 200.0)


@given(st.integers(1, 8_000), MEANS, DISPERSIONS)
def test_it_is_a_probability_that_falls_with_the_count(count: int, mean: float, dispersion: float) -> None:
    here, further = upper_tail(count, mean, dispersion), upper_tail(count + 1, mean, dispersion)
    assert 0.0 <= further <= here <= 1.0


@given(st.integers(1, 500), st.floats(0.001, 100), st.floats(1.0, 50.0))
def test_more_to_expect_makes_a_count_less_surprising(count: int, mean: float, dispersion: float) -> None:
    assert upper_tail(count, mean, dispersion) <= upper_tail(count, mean * 1.5, dispersion) * (1 + 1e-9)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_what_is_not_above_the_mean_surprises_nobody(count: int) -> None:
    assert upper_tail(count, 5.0, 2.0) == 1.0


def test_nothing_expected_makes_anything_impossible() -> None:
    assert upper_tail(1, 0.0, 1.0) == 0.0
