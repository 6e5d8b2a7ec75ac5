"""The sentences that train the tagger, and the training itself on a few of them."""

import importlib.util
from pathlib import Path

import pytest

from services.cleaner.masking.features import LOWER, NORMAL
from services.cleaner.masking.tokens import tokens_of
from services.cleaner.masking.training.corpus import Corpus, nigerian_places, read_words
from services.cleaner.masking.training.names import Names, world_names

RARE = ["almanac", "barnacle", "cutlery"]


def corpus(seed: int) -> Corpus:
    return Corpus(seed, Names(world_names()), nigerian_places(), RARE)


def test_the_same_seed_makes_the_same_sentences() -> None:
    assert list(corpus(7).sentences(40)) == list(corpus(7).sentences(40))
    assert list(corpus(7).sentences(40)) != list(corpus(8).sentences(40))


def test_every_token_has_a_label_and_no_slot_is_left() -> None:
    sentences = list(corpus(1).sentences(400))
    for sentence in sentences:
        assert len(sentence.tokens) == len(sentence.labels)
        assert set(sentence.labels) <= {"O", "P", "A"}
        assert "{" not in sentence.tokens
    assert {label for s in sentences for label in s.labels} == {"O", "P", "A"}


def test_the_word_lists_hold_every_language() -> None:
    assert {"en", "pcm", "yo", "ha", "ig"} <= set(read_words())


@pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("pycrfsuite", "symspellpy")),
    reason="the packages for training are not installed",
)
def test_training_writes_models_that_tag(tmp_path: Path) -> None:
    from services.cleaner.masking.tagger import Tagger
    from services.cleaner.masking.training.train import train

    train(tmp_path, lambda _: None, count=400)
    assert (tmp_path / "language.npz").stat().st_size > 0
    tagger = Tagger.load(tmp_path / "tagger.npz")
    assert tagger.spans(tokens_of("My name is Chinedu Okafor and I have no network"), NORMAL)
    assert tagger.spans(tokens_of("i have no network"), LOWER) == []
