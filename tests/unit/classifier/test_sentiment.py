from hypothesis import given
from hypothesis import strategies as st

from services.classifier.rules.lexicon import lexicon
from services.classifier.rules.tokens import names, tokenize
from services.classifier.sentiment import sentiment


def mood(text: str, *, is_complaint: bool) -> float:
    return sentiment(names(tokenize(text)), lexicon().find_in(text), is_complaint=is_complaint)


def test_praise_is_pleased_and_anger_is_angry() -> None:
    assert mood("Best network, well done, God bless you 😍", is_complaint=False) > 0.5
    assert mood("Useless thieves! worst network 😡😡", is_complaint=True) < -0.7


def test_manners_in_a_complaint_are_no_praise() -> None:
    assert mood("My line is barred, please open it, thank you", is_complaint=True) < 0


def test_thanks_for_nothing_are_no_thanks() -> None:
    assert mood("Thanks for nothing, congratulations on another drop", is_complaint=True) < -0.4


def test_what_says_nothing_is_neutral() -> None:
    assert mood("table", is_complaint=False) == 0


@given(st.text(max_size=60), st.booleans())
def test_it_stays_between_minus_one_and_one(text: str, is_complaint: bool) -> None:
    assert -1 <= mood(text, is_complaint=is_complaint) <= 1
