import pytest

from services.classifier.rules.operators import operator, operator_of
from services.classifier.rules.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MTN network is bad", "MTN"),
        ("I want to port from MTN to Airtel", "MTN"),
        ("I will port to Glo, your network is rubbish", "Glo"),
        ("Glo is better than Airtel", "Glo"),
        ("unlike Airtel, 9mobile drops calls", "9mobile"),
        ("Beejan is worse than MTN", "Beejan"),
        ("MTN told me Beejan rejected it", "Beejan"),
        ("@BeejanNG help", "Beejan"),
        ("etisalat line", "9mobile"),
        ("no network", None),
    ],
)
def test_the_network_complained_about_is_named(text: str, expected: str | None) -> None:
    assert operator(tokenize(text)) == expected


def test_a_word_that_only_begins_like_an_operator_is_none() -> None:
    assert operator_of("global") is None
