import random

from services.classifier.model.augment import introduced
from services.classifier.model.compose import Composer, compose, expand
from services.classifier.model.dataset import Example, shipped

LISTS = {"what": ["network", "data"], "when": ["today"], "deep": ["{what} {when}"]}


def test_lists_are_inserted_and_optional_ones_sometimes_left_out() -> None:
    found = {expand("no {deep} {when?}", LISTS, random.Random(seed)) for seed in range(40)}
    assert found == {"no network today", "no data today", "no network today today", "no data today today"}


def test_the_shipped_file_is_what_the_grammars_give() -> None:
    assert compose() == shipped("composed")


def test_a_modifier_only_raises_levels() -> None:
    composer = Composer(random.Random(1))
    low = Example("your advert is bad", "other", "low", "low", "en")
    found = [composer.with_modifier(low) for _ in range(200)]
    assert {(example.urgency, example.impact) for example in found} == {
        ("low", "low"),
        ("high", "low"),
        ("low", "high"),
        ("high", "high"),
    }
    high = Example("no network", "network_outage", "high", "high", "ha")
    assert {(e.urgency, e.impact) for e in (composer.with_modifier(high) for _ in range(50))} == {("high", "high")}


def test_what_is_no_complaint_gets_no_modifier() -> None:
    question = Example("how do i buy data", "none", "low", "low", "en")
    assert Composer(random.Random(1)).with_modifier(question) == question


def test_introductions_change_no_label_and_come_again_with_the_same_seed() -> None:
    examples = shipped("hand")[::40]
    first = introduced(examples, 3)
    assert first == introduced(examples, 3)
    for before, after in zip(examples, first, strict=True):
        assert before.text in after.text
        assert len(after.text) > len(before.text)
        assert (after.label, after.urgency, after.impact) == (before.label, before.urgency, before.impact)


def test_a_language_without_grammar_gets_no_introduction() -> None:
    assert introduced([Example("hola", "none", "low", "low", "es"), Example("hi", "none")], 3) == []
