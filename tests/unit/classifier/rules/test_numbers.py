import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.rules.numbers import BIG_AMOUNT, amount, join_units, number_name


@pytest.mark.parametrize(
    ("token", "value"),
    [("n500", 500), ("₦1,200.50", 1200.5), ("2k", 2000), ("1.2m", 1_200_000), ("3 thousand naira", 3000), ("n", 0)],
)
def test_amounts_are_read(token: str, value: float) -> None:
    assert amount(token) == value


@given(st.integers(1, 10_000_000))
def test_money_is_big_from_the_domains_bound(naira: int) -> None:
    assert (number_name(f"n{naira:,}") == "<amtbig>") == (naira >= BIG_AMOUNT)


def test_a_number_takes_its_unit_and_loses_what_it_counts() -> None:
    assert join_units(["<amt>", "customers", "<n>", "naira", "", "<amtbig>", "naira", "x"]) == [
        "<n>",
        "customers",
        "<amt>",
        "<amtbig>",
        "x",
    ]
