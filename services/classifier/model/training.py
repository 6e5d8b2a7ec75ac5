"""Training of the classifier from labelled texts: reproducible, minutes on one core."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import numpy as np
import scipy
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.classifier.model.artifact import Artifact
from services.classifier.model.augment import introduced
from services.classifier.model.calibration import IDENTITY, Calibration
from services.classifier.model.dataset import LABELS, Example
from services.classifier.model.features import features
from services.classifier.model.network import (
    UNKNOWN,
    Floats,
    Head,
    Ints,
    Network,
    Recipe,
    train_network,
)
from services.classifier.model.vectors import Vocabulary, matrix, vocabulary
from services.classifier.rules.lexicon import lexicon
from services.domain.vocabulary import LANGUAGES, LEVELS

SEED: Final = 20261124
NETWORKS: Final = 3
HEADS: Final = (
    Head("label", LABELS, 1.0),
    Head("complaint", ("yes", "no"), 0.5),
    Head("urgency", LEVELS, 0.5),
    Head("impact", LEVELS, 0.5),
    Head("language", LANGUAGES[:-1], 0.2),
)
COMPOSED_SHARE: Final = 0.4
"""Weight of a composed text beside a hand-written one."""
INTRODUCED_SHARE: Final = 0.3
"""Weight of a hand-written text repeated with an introduction (augment.py)."""


@dataclass(frozen=True)
class Trained:
    """Networks and the vocabulary they read."""

    known: Vocabulary
    networks: list[Network]

    def scores(self, texts: Sequence[str]) -> Floats:
        """Mean scores of the networks for each text."""
        rows = matrix([features(text) for text in texts], self.known)
        total: Floats = np.mean([network.outputs(rows) for network in self.networks], axis=0)
        return total


def fit(
    hand: Sequence[Example],
    composed: Sequence[Example],
    *,
    networks: int = NETWORKS,
    seed: int = SEED,
    recipe: Recipe | None = None,
) -> Trained:
    """Train networks on hand-written (or an operator's) examples and composed ones."""
    again = introduced(hand, seed)
    examples = [*hand, *again, *composed]
    shares = [1.0] * len(hand) + [INTRODUCED_SHARE] * len(again) + [COMPOSED_SHARE] * len(composed)
    texts = [features(example.text) for example in examples]
    known = vocabulary(texts)
    rows = matrix(texts, known)
    goals = {head.name: targets(examples, head) for head in HEADS}
    weights = np.array(shares, np.float32)
    with threadpool_limits(1):  # the order of sums, and so the last digits, would depend on the number of threads
        trained = [
            train_network(rows, goals, weights, HEADS, recipe or Recipe(), seed + number) for number in range(networks)
        ]
    return Trained(known, trained)


def artifact(
    trained: Trained,
    examples: Sequence[Example],
    calibration: Calibration = IDENTITY,
    seed: int = SEED,
) -> Artifact:
    """The trained networks as the one file that a service loads."""
    known = trained.known
    names = lexicon().concepts
    count = len(trained.networks)
    return Artifact(
        words=list(known.words),
        grams=list(known.grams),
        bigrams=[" ".join(pair) for pair in known.bigrams],
        concepts=[names[code] for code in known.concepts],
        pairs=[f"{names[first]} {names[second]}" for first, second in known.pairs],
        idf=np.array([*known.idf.values(), known.unknown_idf], np.float32),
        inner=np.hstack([network.inner for network in trained.networks]),
        inner_bias=np.concatenate([network.inner_bias for network in trained.networks]),
        outer=np.vstack([network.outer for network in trained.networks]) / np.float32(count),
        outer_bias=np.mean([network.outer_bias for network in trained.networks], axis=0),
        heads={head.name: list(head.classes) for head in HEADS},
        numbers=calibration.numbers(),
        about={
            "seed": seed,
            "networks": count,
            "texts": len(examples),
            "data": data_hash(examples),
            "rules": rules_hash(),
            "python": ".".join(map(str, sys.version_info[:3])),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
    )


def targets(examples: Sequence[Example], head: Head) -> Ints:
    """Class index of every example for a head, UNKNOWN where it has none."""
    index = {name: number for number, name in enumerate(head.classes)}
    return np.array([index.get(_class(example, head.name) or "", UNKNOWN) for example in examples], np.int64)


def _class(example: Example, head: str) -> str | None:
    if head == "complaint":
        return "yes" if example.is_complaint else "no"
    if head in ("urgency", "impact") and not example.is_complaint:
        return None  # low by definition: nothing to learn from it
    found: str | None = getattr(example, head)
    return found


def data_hash(examples: Sequence[Example]) -> str:
    """SHA-256 of texts and labels in their order."""
    digest = hashlib.sha256()
    for item in examples:
        digest.update(f"{item.label}\t{item.urgency}\t{item.impact}\t{item.language}\t{item.text}\n".encode())
    return digest.hexdigest()


def rules_hash() -> str:
    """SHA-256 of lexicon and spellings, on which every feature depends."""
    digest = hashlib.sha256()
    rules = files("services.classifier.rules")
    pages = [rules.joinpath("spellings.txt"), *rules.joinpath("lexicon").iterdir()]
    for page in sorted(pages, key=lambda item: item.name):
        digest.update(page.read_bytes())
    return digest.hexdigest()
