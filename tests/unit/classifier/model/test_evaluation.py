import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from services.classifier.model import Classification, Classifier, Input
from services.classifier.model.comparison import compare, comparison_report, mcnemar
from services.classifier.model.dataset import Example, shipped
from services.classifier.model.evaluation import confusion, evaluate, macro_f1, report

NAMES = st.sampled_from(["a", "b", "c"])


def result(
    category: str, *, is_complaint: bool = True, level: str = "medium", confidence: float = 0.9
) -> Classification:
    return Classification(
        is_complaint, category, "", level, level, "none", 0.0, 0.0, "en", confidence, False, (), None, False
    )


@settings(max_examples=60)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30))
def test_macro_f1_is_the_textbooks(pairs: list[tuple[str, str]]) -> None:
    wanted, found = zip(*pairs, strict=True)
    assert macro_f1(wanted, found) == pytest.approx(f1_score(wanted, found, average="macro", zero_division=0))


def test_the_figures_of_a_perfect_run() -> None:
    examples = [
        Example("x", "promotions", "medium", "medium", "en"),
        Example("y", "none", "low", "low", "en"),
    ]
    found = evaluate(examples, [result("promotions"), result("other", is_complaint=False, level="low")])
    assert (found.category, found.is_complaint, found.urgency, found.impact) == (1, 1, 1, 1)
    assert (found.priority_exact, found.priority_within_one, found.language) == (1, 1, 1)
    assert found.languages == {"en": (2, 1.0)}
    assert found.calibration_error == pytest.approx(0.1)


def test_levels_that_are_not_labelled_are_left_out() -> None:
    found = evaluate([Example("x", "promotions")], [result("other")])
    assert (found.urgency, found.impact, found.priority_exact, found.language) == (None, None, None, None)
    assert "not labelled" in report(found)


def test_priority_steps_are_counted() -> None:
    examples = [Example("x", "promotions", "high", "high"), Example("y", "promotions", "medium", "medium")]
    found = evaluate(examples, [result("promotions"), result("promotions")])
    assert (found.priority_exact, found.priority_within_one) == (0.5, 0.5)


def test_the_confusion_matrix_counts_pairs() -> None:
    examples = [Example("x", "promotions"), Example("y", "none")]
    found = confusion(examples, [result("other"), result("other")])
    assert found == {("promotions", "other"): 1, ("none", "other"): 1}


def test_mcnemar_knows_chance_from_difference() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(10, 10) == 1
    assert mcnemar(0, 6) == pytest.approx(2 / 64)
    assert mcnemar(6, 0) == mcnemar(0, 6)


def test_a_model_is_no_better_than_itself() -> None:
    examples = shipped("test")[:60]
    results = Classifier.load().classify([Input(example.text) for example in examples])
    found = compare(examples, results, results)
    assert (found.only_first, found.only_second, found.chance, found.interval) == (0, 0, 1, (0, 0))


def test_a_worse_model_is_seen_as_such() -> None:
    examples = [Example(str(number), "promotions" if number % 2 else "other") for number in range(60)]
    good = [result(example.category) for example in examples]
    bad = [result("other") for _ in examples]
    found = compare(examples, good, bad)
    assert found.only_first == 30
    assert found.chance < 0.001
    assert found.interval[1] < 0
    assert "McNemar" in comparison_report(["good", "bad"], found)
