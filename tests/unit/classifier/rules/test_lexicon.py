from collections import Counter

import pytest

from services.classifier.rules.lexicon import DERIVED, Lexicon, lexicon
from services.classifier.rules.tokens import names, tokenize

SMALL = Lexicon(
    [("slow", "too slow"), ("slow", "craw*"), ("net_none", "no network"), ("question", "how do i")], ["slow"]
)


def concepts(text: str) -> set[str]:
    return set(SMALL.find_in(text))


def test_a_phrase_is_found_in_any_spelling() -> None:
    assert "net_none" in concepts("NO NETWRK here")


def test_a_phrase_is_not_found_inside_a_word() -> None:
    assert "net_none" not in concepts("casino networking")


def test_a_star_matches_any_ending() -> None:
    assert {"slow"} <= concepts("it is crawling") & concepts("crawls")


def test_evidence_names_the_phrase() -> None:
    assert SMALL.find_in("it is too slow")["slow"] == "too slow"


def test_a_text_without_a_problem_is_marked() -> None:
    assert {"no_problem", "question_only"} <= concepts("how do i buy data for my brother")
    assert {"problem_asked"} <= concepts("why is it too slow?")
    assert "no_problem" not in concepts("it is too slow")


def test_few_words_are_marked_short() -> None:
    assert "short" in concepts("hello there")
    assert "short" not in concepts("one two three four five six")


def test_concepts_come_in_ascending_order() -> None:
    found = list(lexicon().find(names(tokenize("No network since morning, will you answer? I will report you to NCC"))))
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("I will report you to NCC", "regulator"),
        ("zan kai ƙara wurin NCC", "regulator"),
        ("my lawyer will write", "lawyer"),
        ("agbẹjọ́rò mi", "lawyer"),
        ("onye ọka iwu m", "lawyer"),
        ("I go port out", "leaving"),
        ("aga m akwaga MTN", "leaving"),
        ("babu sabis", "net_none"),
        ("kò sí nẹ́tíwọ́ọ̀kì", "net_none"),
        ("enweghị netwọk", "net_none"),
        ("una don chop my credit", "deduct"),
        ("an cire min kuɗi", "deduct"),
        ("N25,000 gone", "amount_big"),
        ("naira dubu hamsin", "amount_big"),
        ("puku naira iri ise", "amount_big"),
        ("complaint with NCC", "escalated"),
    ],
)
def test_the_shipped_lexicon_knows_five_languages(text: str, concept: str) -> None:
    assert concept in lexicon().find_in(text)


def test_derived_names_are_no_names_of_the_lexicon() -> None:
    assert max(Counter(lexicon().concepts).values()) == 1
    assert set(DERIVED) <= set(lexicon().concepts)


def test_words_that_may_be_shown_hold_no_digit() -> None:
    kept = {"2442", "3232", "996", "622", "112", "767", "199", "419", "911"}
    assert [word for word in lexicon().words if any(char.isdigit() for char in word) and word not in kept] == []
