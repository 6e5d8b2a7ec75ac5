"""Trains the tagger of names and addresses: a linear-chain CRF whose weights are then written as plain arrays."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from services.cleaner.masking import features, language
from services.cleaner.masking.tagger import LABELS, Weights, save
from services.cleaner.masking.tokens import fold_word
from services.cleaner.masking.training.corpus import Corpus, Sentence, dictionary, nigerian_places
from services.cleaner.masking.training.language import language_votes
from services.cleaner.masking.training.lists import build_lists
from services.cleaner.masking.training.names import Names, world_names
from services.runtime.errors import PipelineError

SEED = 20260101
SENTENCES = 30_000
_LEAST = 0.03


def token_features(tokens: Sequence[str], lists: features.Lists) -> list[list[str]]:
    """The features of every token in its sentence, as the tagger sums them."""
    mode = features.casing(tokens)
    padded = [features.EDGE, features.EDGE, *tokens, features.EDGE, features.EDGE]
    codes = [lists(fold_word(t)) for t in padded]
    near = [features.beside(t, mode, c) for t, c in zip(padded, codes, strict=True)]
    found = []
    for i in range(2, len(padded) - 2):
        row = ["0" + f for f in features.own(padded[i], mode, codes[i])]
        for prefix, at in (("-", i - 1), ("+", i + 1), ("<", i - 2), (">", i + 2)):
            row += [prefix + f for f in near[at]]
        found.append(row)
    return found


def train(folder: Path, say: Callable[[str], None], count: int = SENTENCES, seed: int = SEED) -> None:
    """Writes tagger.npz and language.npz to a folder. Takes a few minutes of one core.

    Raises PipelineError where the packages for training are not installed.
    """
    try:
        import pycrfsuite
    except ImportError:
        raise PipelineError(
            "training needs python-crfsuite, faker and naija-data: pip install -r requirements-local.txt"
        ) from None
    names = Names(world_names())
    lists = build_lists(names)
    say(f"{len(lists)} words in the lists; making {count} sentences")
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for sentence in Corpus(seed, names, nigerian_places(), dictionary()[20_000:60_000]).sentences(count):
        trainer.append(token_features(sentence.tokens, _with_dropout(lists, sentence)), sentence.labels)
    trainer.set_params(
        {"c1": 0.2, "c2": 0.02, "max_iterations": 90, "feature.minfreq": 4, "feature.possible_transitions": True}
    )
    say("training")
    with tempfile.TemporaryDirectory() as scratch:
        file = str(Path(scratch) / "crf")
        trainer.train(file)
        tagger = pycrfsuite.Tagger()
        tagger.open(file)
        weights = _weights(tagger.info())
        tagger.close()
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "tagger.npz", weights, lists)
    language.save(folder / "language.npz", language_votes())
    for path in (folder / "tagger.npz", folder / "language.npz"):
        say(f"{path}: {path.stat().st_size:,} bytes")


_NAMELESS = {ord(letter): None for letter in "NWP"}


def _with_dropout(lists: dict[str, str], sentence: Sentence) -> features.Lists:
    """The lists without the names that this sentence must tell by their looks and surroundings."""
    unknown = {fold_word(t) for t in sentence.unknown}

    def look_up(word: str) -> str:
        code = lists.get(word, "")
        return code.translate(_NAMELESS) if code and word in unknown else code

    return look_up


def _weights(info: Any) -> Weights:
    """The weights of PER and ADDR relative to O, which Viterbi does not tell from the full ones."""
    state: dict[str, complex] = {}
    for (feature, label), weight in info.state_features.items():
        change = {"O": complex(-weight, -weight), "P": complex(weight, 0), "A": complex(0, weight)}[label]
        state[feature] = state.get(feature, 0j) + change
    small = {feature: weight for feature, weight in state.items() if max(abs(weight.real), abs(weight.imag)) > _LEAST}
    moves = tuple(tuple(float(info.transitions.get((a, b), 0.0)) for b in LABELS) for a in LABELS)
    return Weights(small, moves)
