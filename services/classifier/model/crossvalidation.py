"""Scores of texts by networks that were not trained on them: for calibration and for honest figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from services.classifier.model.calibration import Calibration, fit_calibration
from services.classifier.model.dataset import LABELS, Example
from services.classifier.model.network import Floats, Recipe, columns
from services.classifier.model.training import HEADS, SEED, fit


@dataclass(frozen=True)
class HeldOut:
    """Outputs of every example, made by networks that had not seen it."""

    examples: Sequence[Example]
    outputs: Floats

    def calibration(self) -> Calibration:
        """The calibration that fits these outputs."""
        where = columns(HEADS)
        labels = np.array([LABELS.index(example.label) for example in self.examples], np.int64)
        return fit_calibration(self.outputs[:, where["label"]], self.outputs[:, where["complaint"]], labels)


def cross_validate(
    hand: Sequence[Example],
    composed: Sequence[Example],
    *,
    folds: int = 4,
    networks: int = 2,
    seed: int = SEED,
    recipe: Recipe | None = None,
    done: Callable[[int], object] = int,
) -> HeldOut:
    """Outputs of the hand-written examples, in `folds` parts of equal mix; `done` is told of each finished part."""
    part = _parts(hand, folds, seed)
    outputs: Floats | None = None
    for fold in range(folds):
        seen = [example for example, of in zip(hand, part, strict=True) if of != fold]
        held = [example.text for example, of in zip(hand, part, strict=True) if of == fold]
        scores = fit(seen, composed, networks=networks, seed=seed, recipe=recipe).scores(held)
        if outputs is None:
            outputs = np.zeros((len(hand), scores.shape[1]), np.float32)
        outputs[part == fold] = scores
        done(fold)
    if outputs is None:
        raise ValueError("cross-validation needs two folds or more")
    return HeldOut(hand, outputs)


def _parts(examples: Sequence[Example], folds: int, seed: int) -> np.ndarray:
    """A fold for every example; every label and language spread evenly."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(examples))
    seen: dict[tuple[str, str | None], int] = {}
    parts = np.zeros(len(examples), np.int64)
    for index in order:
        group = (examples[index].label, examples[index].language)
        turn = seen.get(group)
        if turn is None:
            turn = int(draw.integers(folds))
        parts[index] = turn % folds
        seen[group] = turn + 1
    return parts
