import numpy as np
import pytest

from services.classifier.model import scoring
from services.classifier.model.features import features
from services.classifier.model.scoring import Scorer
from services.classifier.model.training import artifact, fit
from tests.unit.classifier.model.small import EXAMPLES, RECIPE, small_model

TEXTS = [
    "my data is slow",
    "",
    "no network",
    "zzyzx qwxv unseen wurds",
    "you deducted N500 from my airtime " * 9,
    "how do i buy 2gb?",
]


def test_remembered_words_give_what_the_matrix_gives() -> None:
    trained = fit(EXAMPLES, [], networks=2, seed=3, recipe=RECIPE)
    scorer = Scorer(artifact(trained, EXAMPLES))
    expected = trained.scores(TEXTS)
    assert np.allclose(scorer.scores([features(text) for text in TEXTS]).outputs, expected, atol=1e-4)


def test_a_text_has_the_same_scores_alone_and_in_any_batch() -> None:
    scorer = Scorer(small_model())
    together = scorer.scores([features(text) for text in TEXTS]).outputs
    for row, text in enumerate(TEXTS):
        assert np.array_equal(Scorer(small_model()).scores([features(text)]).outputs[0], together[row])


def test_forgetting_words_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "_REMEMBERED_WORDS", 3)
    scorer = Scorer(small_model())
    texts = [features(text) for text in TEXTS]
    first = scorer.scores(texts).outputs
    assert np.array_equal(scorer.scores(texts).outputs, first)


def test_the_word_that_decides_adds_most() -> None:
    scorer = Scorer(small_model())
    text = features("you deducted from my airtime")
    scores = scorer.scores([text])
    billing = small_model().heads["label"].index("billing_overcharge")
    added = scorer.added(scores, [billing], [len(text.words)])
    strongest = [text.words[index] for index in (-added).argsort()]
    assert strongest.index("deducted") < strongest.index("my")
    assert added[text.words.index("deducted")] > 0
