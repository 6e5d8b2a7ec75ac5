from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.model.features import features, grams


def test_words_are_distinct_and_in_order() -> None:
    assert features("slow slow data slow").words == ("slow", "data")


def test_bigrams_are_neighbours_without_repetition_in_order() -> None:
    found = features("no network no network today")
    assert found.bigrams() == [("no", "network"), ("network", "no"), ("network", "today")]
    assert found.bigrams({("network", "today")}) == [("network", "today")]


def test_pairs_are_ascending() -> None:
    assert all(first < second for first, second in features("no network, refund my airtime, ncc").pairs())


def test_placeholders_have_no_letters() -> None:
    assert grams("<amt>") == []
    assert grams("?") == []


@settings(max_examples=50)
@given(st.text(alphabet="abcdefg", min_size=1, max_size=12))
def test_every_gram_is_part_of_the_bordered_word(word: str) -> None:
    found = grams(word)
    assert found
    assert all(gram in f"^{word}$" and 2 <= len(gram) <= 5 for gram in found)
