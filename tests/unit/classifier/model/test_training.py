import numpy as np

from services.classifier.model import Classifier, Input
from services.classifier.model.crossvalidation import cross_validate
from services.classifier.model.retraining import retrain
from services.classifier.model.training import HEADS, fit, targets
from tests.unit.classifier.model.small import EXAMPLES, RECIPE, small_model


def test_it_learns_its_examples() -> None:
    found = Classifier(small_model()).classify([Input(example.text) for example in EXAMPLES])
    right = [result.category == example.category for result, example in zip(found, EXAMPLES, strict=True)]
    assert np.mean(right) > 0.9
    assert [result.language for result in found][:4] == ["en", "en", "en", "ha"]


def test_training_twice_gives_the_same_model() -> None:
    one, two = (fit(EXAMPLES, [], networks=1, seed=4, recipe=RECIPE).networks[0] for _ in range(2))
    assert np.array_equal(one.inner, two.inner)


def test_levels_are_learnt_from_complaints_alone() -> None:
    urgency = next(head for head in HEADS if head.name == "urgency")
    found = targets(EXAMPLES[:6], urgency)
    assert found.tolist() == [1, 0, 1, 1, -1, -1]


def test_every_example_is_held_out_once() -> None:
    parts: list[int] = []
    found = cross_validate(EXAMPLES, [], folds=3, networks=1, recipe=RECIPE, done=parts.append)
    assert parts == [0, 1, 2]
    assert found.outputs.shape == (len(EXAMPLES), sum(len(head.classes) for head in HEADS))
    assert (np.abs(found.outputs).sum(axis=1) > 0).all()


def test_retraining_tells_how_far_it_is_and_calibrates() -> None:
    told: list[str] = []
    model = retrain(EXAMPLES, [], folds=2, seed=2, tell=told.append)
    assert told[0] == "cross-validation: part 1 of 2"
    assert told[-1].startswith("calibrated")
    assert model.numbers["temperature"] != 1.0
    assert Classifier(model).classify([Input("my data is too slow")])[0].category == "internet_data"
