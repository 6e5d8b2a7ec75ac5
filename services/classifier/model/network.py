"""Small neural networks over sparse text features: one hidden layer, one output block a head, trained together.

The first layer is linear in the features, so at inference it is a sum over words (see scoring.py); several networks
of different seeds are averaged. Written out in numpy, because it is all that a service needs at run time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

UNKNOWN = -1
"""Target of an example whose label for a head is not known: the head does not learn from it."""


@dataclass(frozen=True)
class Head:
    """One question asked of every text."""

    name: str
    classes: tuple[str, ...]
    weight: float
    """Share of this head in the loss."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; chosen by cross-validation on the hand-written texts (docs/classification.md)."""

    hidden: int = 32
    epochs: int = 15
    least_steps: int = 600
    """More epochs are made of few texts, until so many batches were seen."""
    batch: int = 128
    rate: float = 3e-3
    decay: float = 1e-2
    """Weight decay a step, relative to the learning rate."""
    feature_dropout: float = 0.3
    hidden_dropout: float = 0.2
    smoothing: float = 0.05


@dataclass(frozen=True)
class Network:
    """Weights: features x hidden, hidden, hidden x outputs, outputs."""

    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    def outputs(self, rows: csr_matrix) -> Floats:
        """Scores of every output for every row."""
        hidden: Floats = np.maximum(rows @ self.inner + self.inner_bias, 0)
        scores: Floats = hidden @ self.outer + self.outer_bias
        return scores


def columns(heads: Sequence[Head]) -> dict[str, slice]:
    """Which outputs belong to which head."""
    found, start = {}, 0
    for head in heads:
        found[head.name] = slice(start, start + len(head.classes))
        start += len(head.classes)
    return found


def train_network(
    rows: csr_matrix,
    targets: Mapping[str, Ints],
    shares: Floats,
    heads: Sequence[Head],
    recipe: Recipe,
    seed: int,
) -> Network:
    """Train one network (Adam, learning rate falling to zero, dropout of features and hidden units).

    `targets`: class index of every row by head, UNKNOWN where not known. `shares`: weight of every row.
    """
    draw = np.random.default_rng(seed)
    count, width = rows.shape
    total = sum(len(head.classes) for head in heads)
    spread = np.sqrt(2 / recipe.hidden)
    network = Network(
        (draw.standard_normal((width, recipe.hidden)) * 0.1).astype(np.float32),
        np.zeros(recipe.hidden, np.float32),
        (draw.standard_normal((recipe.hidden, total)) * spread).astype(np.float32),
        np.zeros(total, np.float32),
    )
    loss = _Loss(targets, shares, heads, recipe.smoothing)
    batches = -(-count // recipe.batch)
    epochs = max(recipe.epochs, -(-recipe.least_steps // batches))
    adam = _Adam(network, recipe, epochs * batches)
    for _ in range(epochs):
        order = draw.permutation(count)
        for start in range(0, count, recipe.batch):
            chosen = order[start : start + recipe.batch]
            adam.step(_gradients(network, rows[chosen], chosen, loss, recipe, draw))
    return network


def _gradients(
    network: Network,
    rows: csr_matrix,
    chosen: Ints,
    loss: "_Loss",
    recipe: Recipe,
    draw: np.random.Generator,
) -> tuple[Floats, Floats, Floats, Floats]:
    rows = rows.copy()
    kept = draw.random(len(rows.data), dtype=np.float32) >= recipe.feature_dropout
    rows.data = rows.data * kept / np.float32(1 - recipe.feature_dropout)
    before = rows @ network.inner + network.inner_bias
    alive = draw.random(before.shape, dtype=np.float32) >= recipe.hidden_dropout
    mask = (alive & (before > 0)) / np.float32(1 - recipe.hidden_dropout)
    hidden = before * mask
    of_outputs = loss.gradient(hidden @ network.outer + network.outer_bias, chosen)
    of_hidden = (of_outputs @ network.outer.T) * mask
    return (
        np.asarray(rows.T @ of_hidden, np.float32),
        of_hidden.sum(axis=0),
        hidden.T @ of_outputs,
        of_outputs.sum(axis=0),
    )


class _Loss:
    """Cross entropy of every head, classes weighted to equal shares, labels smoothed."""

    def __init__(self, targets: Mapping[str, Ints], shares: Floats, heads: Sequence[Head], smoothing: float) -> None:
        self._smoothing = smoothing
        self._parts: list[tuple[slice, Ints, Floats]] = []
        for head, where in zip(heads, columns(heads).values(), strict=True):
            target = targets[head.name]
            size = len(head.classes)
            sums = np.array([shares[target == index].sum() for index in range(size)])
            balance = sums.sum() / size / np.maximum(sums, 1)
            weight = np.where(target >= 0, balance[np.maximum(target, 0)], 0) * shares * head.weight
            self._parts.append((where, target, weight.astype(np.float32)))

    def gradient(self, scores: Floats, chosen: Ints) -> Floats:
        gradient = np.zeros_like(scores)
        for where, target, weight in self._parts:
            part = scores[:, where]
            powers = np.exp(part - part.max(axis=1, keepdims=True))
            part = powers / powers.sum(axis=1, keepdims=True)
            wanted = np.full_like(part, self._smoothing / part.shape[1])
            known = target[chosen] >= 0
            wanted[known, target[chosen][known]] += 1 - self._smoothing
            gradient[:, where] = (part - wanted) * weight[chosen, None]
        return gradient / np.float32(len(chosen))


class _Adam:
    """Adam with decoupled weight decay on the two matrices."""

    def __init__(self, network: Network, recipe: Recipe, steps: int) -> None:
        self._weights = (network.inner, network.inner_bias, network.outer, network.outer_bias)
        self._decayed = (True, False, True, False)
        self._first = [np.zeros_like(weight) for weight in self._weights]
        self._second = [np.zeros_like(weight) for weight in self._weights]
        self._recipe = recipe
        self._steps = steps
        self._step = 0

    def step(self, gradients: Sequence[Floats]) -> None:
        self._step += 1
        rate = np.float32(self._recipe.rate * (1 - 0.98 * self._step / self._steps))
        scale_first = np.float32(1 / (1 - 0.9**self._step))
        scale_second = np.float32(1 / (1 - 0.99**self._step))
        parts = zip(self._weights, self._first, self._second, gradients, self._decayed, strict=True)
        for weight, first, second, gradient, decayed in parts:
            first *= np.float32(0.9)
            first += np.float32(0.1) * gradient
            second *= np.float32(0.99)
            second += np.float32(0.01) * gradient * gradient
            weight -= rate * (first * scale_first) / (np.sqrt(second * scale_second) + np.float32(1e-7))
            if decayed:
                weight *= 1 - rate * np.float32(self._recipe.decay)
