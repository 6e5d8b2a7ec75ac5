"""Training of the linear model from labelled texts: reproducible, minutes on one core."""

import hashlib
import sys
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import numpy as np
import scipy
import sklearn
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from services.classifier.model.artifact import Artifact
from services.classifier.model.dataset import LABELS, Example
from services.classifier.model.features import features
from services.classifier.model.vectors import Vocabulary, matrix, vocabulary
from services.classifier.rules.lexicon import lexicon
from services.domain.vocabulary import LANGUAGES, LEVELS

SEED: Final = 20261124
HEADS: Final[dict[str, list[str]]] = {
    "label": list(LABELS),
    "complaint": ["yes"],
    "urgency": list(LEVELS),
    "impact": list(LEVELS),
    "language": [name for name in LANGUAGES if name != "other"],
}
STRENGTH: Final = {"label": 8.0, "complaint": 4.0, "urgency": 2.0, "impact": 2.0, "language": 8.0}


def train(examples: Sequence[Example], seed: int = SEED) -> Artifact:
    """A model of these examples. ValueError where they are too few for every class."""
    texts = [features(example.text) for example in examples]
    known = vocabulary(texts)
    rows = matrix(texts, known)
    weights, bias = [], []
    for head, classes in HEADS.items():
        of_head, bias_of_head = _fit(rows, _targets(examples, head), classes, STRENGTH[head], seed)
        weights.append(of_head)
        bias.append(bias_of_head)
    return Artifact(
        words=list(known.words),
        grams=list(known.grams),
        bigrams=[" ".join(pair) for pair in known.bigrams],
        concepts=[lexicon().concepts[code] for code in known.concepts],
        pairs=[" ".join(lexicon().concepts[code] for code in pair) for pair in known.pairs],
        idf=_idf(known),
        weights=np.hstack(weights).astype(np.float32),
        bias=np.concatenate(bias).astype(np.float32),
        heads=HEADS,
        numbers={"temperature": 1.0, "complaint_threshold": 0.5},
        about={
            "seed": seed,
            "texts": len(examples),
            "data": data_hash(examples),
            "rules": rules_hash(),
            "python": ".".join(map(str, sys.version_info[:3])),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
        },
    )


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


def _targets(examples: Sequence[Example], head: str) -> list[str | None]:
    if head == "complaint":
        return ["yes" if example.is_complaint else "no" for example in examples]
    if head in ("urgency", "impact"):  # the levels of a message that is no complaint are low by definition
        return [getattr(example, head) if example.is_complaint else None for example in examples]
    return [getattr(example, head) for example in examples]


def _fit(
    rows: csr_matrix,
    targets: list[str | None],
    classes: list[str],
    strength: float,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    used = [index for index, target in enumerate(targets) if target is not None]
    wanted = [targets[index] for index in used]
    model = LogisticRegression(C=strength, max_iter=1000, class_weight="balanced", random_state=seed)
    model.fit(rows[used], wanted)
    if len(classes) == 1:
        return model.coef_.T, model.intercept_
    weights = np.zeros((rows.shape[1], len(classes)))
    bias = np.full(len(classes), -20.0)
    for position, name in enumerate(model.classes_):
        column = classes.index(str(name))
        weights[:, column] = model.coef_[position]
        bias[column] = model.intercept_[position]
    return weights, bias


def _idf(known: Vocabulary) -> NDArray[np.float32]:
    return np.array([*known.idf.values(), known.unknown_idf], np.float32)
