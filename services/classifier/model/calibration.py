"""From scores to probabilities that can be taken at their word, fitted on texts the networks had not seen.

The label scores are divided by one temperature; both opinions on whether a text is a complaint are mixed by two
weights and an offset (Platt). The confidence of a category is their product, straightened by a monotone curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

NONE_SHARE: Final = 0.1
"""Share of messages that are no complaint in the traffic that the calibration expects."""


@dataclass(frozen=True)
class Calibration:
    """Numbers of the fit."""

    temperature: float
    complaint_by_label: float
    complaint_by_head: float
    complaint_offset: float
    threshold: float
    """Probability from which a text counts as a complaint."""
    curve: tuple[float, ...] = (0.0, 1.0)
    """True shares at evenly spaced confidences from 0 to 1."""

    def numbers(self) -> dict[str, float]:
        """As plain numbers for the model file."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {f"curve_{index}": value for index, value in enumerate(self.curve)}

    @classmethod
    def of(cls, numbers: dict[str, float]) -> "Calibration":
        """From the numbers of a model file."""
        curve = [numbers[f"curve_{index}"] for index in range(sum(name.startswith("curve_") for name in numbers))]
        return cls(**{name: numbers[name] for name in _PLAIN}, curve=tuple(curve))

    def shares(self, label_scores: Floats) -> Floats:
        """Probability of every label, the last column that of no complaint."""
        return softmax(label_scores / np.float32(self.temperature))

    def complaint(self, shares: Floats, complaint_scores: Floats) -> Floats:
        """Probability that each text is a complaint, from its label shares and the two scores of the other head."""
        features = complaint_features(shares, complaint_scores)
        weights = np.array([self.complaint_by_label, self.complaint_by_head], np.float32)
        odds = features @ weights + np.float32(self.complaint_offset)
        probability: Floats = 1 / (1 + np.exp(-odds))
        return probability

    def confidence(self, raw: Floats) -> Floats:
        """Calibrated confidence of raw ones."""
        grid = np.linspace(0, 1, len(self.curve))
        return np.interp(raw, grid, self.curve).astype(np.float32)


_PLAIN = ("temperature", "complaint_by_label", "complaint_by_head", "complaint_offset", "threshold")
IDENTITY = Calibration(1.0, 0.5, 0.5, 0.0, 0.5)


def softmax(scores: Floats) -> Floats:
    """Rows of scores to rows of probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def complaint_features(shares: Floats, complaint_scores: Floats) -> Floats:
    """Log odds of being a complaint by the label head and by the complaint head (columns)."""
    none = np.clip(shares[:, -1], 1e-6, 1 - 1e-6)
    return np.stack([np.log((1 - none) / none), complaint_scores[:, 0] - complaint_scores[:, 1]], axis=1)


def fit_calibration(
    label_scores: Floats,
    complaint_scores: Floats,
    labels: NDArray[np.int64],
    bins: int = 10,
) -> Calibration:
    """Fit on scores of texts that were held out; `labels` index the columns, the last meaning no complaint.

    The texts are weighted so that NONE_SHARE of them are no complaint, as in real traffic.
    """
    is_complaint = labels != label_scores.shape[1] - 1
    weights = _weights(is_complaint)
    temperature = min(
        np.geomspace(0.3, 4, 60),
        key=lambda value: _surprise(softmax(label_scores / np.float32(value)), labels, weights),
    )
    shares = softmax(label_scores / np.float32(temperature))
    by_label, by_head, offset = _platt(complaint_features(shares, complaint_scores), is_complaint, weights)
    found = Calibration(float(temperature), by_label, by_head, offset, 0.5)
    probability = found.complaint(shares, complaint_scores)
    threshold = _threshold(probability, is_complaint, weights)
    raw = raw_confidence(shares, probability, threshold)
    right = _right(shares, probability, labels, threshold)
    return replace(found, threshold=threshold, curve=_curve(raw, right, weights, bins))


def _weights(is_complaint: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights with a mean of 1 that give the two kinds their share of real traffic."""
    none = max(float(1 - is_complaint.mean()), 1e-9)
    complaints = max(float(is_complaint.mean()), 1e-9)
    return np.where(is_complaint, (1 - NONE_SHARE) / complaints, NONE_SHARE / none)


def _threshold(probability: Floats, is_complaint: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """The probability from which calling a text a complaint gives the best mean F1 of both kinds."""

    def mean_f1(threshold: float) -> float:
        called = probability >= threshold
        both = [
            2
            * weights[(called == kind) & (is_complaint == kind)].sum()
            / max(weights[called == kind].sum() + weights[is_complaint == kind].sum(), 1e-9)
            for kind in (True, False)
        ]
        return float(sum(both) / 2)

    grid = [step / 100 for step in range(20, 91)]
    values = [mean_f1(threshold) for threshold in grid]
    smooth = [float(np.mean(values[max(0, at - 5) : at + 6])) for at in range(len(values))]
    return grid[int(np.argmax(smooth))]


def raw_confidence(shares: Floats, complaint: Floats, threshold: float) -> Floats:
    """Confidence before straightening: of the best category of a complaint, or that a text is none."""
    topics = shares[:, :-1].max(axis=1) / np.maximum(1 - shares[:, -1], 1e-6)
    found: Floats = np.where(complaint >= threshold, complaint * topics, 1 - complaint)
    return found


def _right(shares: Floats, complaint: Floats, labels: NDArray[np.int64], threshold: float) -> NDArray[np.bool_]:
    last = shares.shape[1] - 1
    chosen = np.where(complaint >= threshold, shares[:, :-1].argmax(axis=1), last)
    return np.asarray(chosen == labels)


def _surprise(shares: Floats, labels: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    """Mean negative log probability of the true labels."""
    return float(-(weights * np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-9))).mean())


def _platt(features: Floats, wanted: NDArray[np.bool_], share: NDArray[np.float64]) -> tuple[float, float, float]:
    """Logistic regression with two weights and an offset, by Newton's method."""
    design = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
    weights = np.zeros(3)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (share * (chance - wanted)) + 1e-3 * weights
        curvature = (design.T * (share * chance * (1 - chance))) @ design + 1e-3 * np.eye(3)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0]), float(weights[1]), float(weights[2])


def _curve(raw: Floats, right: NDArray[np.bool_], share: NDArray[np.float64], bins: int) -> tuple[float, ...]:
    """Monotone share of right answers at evenly spaced confidences (pool adjacent violators, smoothed by a prior)."""
    grid = np.linspace(0, 1, bins + 1)
    values, weights = [], []
    for centre in grid:
        near = np.maximum(0, 1 - np.abs(raw - centre) * bins) * share
        prior = 5.0  # texts' worth of belief that the raw confidence is right
        values.append((float((near * right).sum()) + prior * float(centre)) / (float(near.sum()) + prior))
        weights.append(float(near.sum()) + prior)
    return tuple(_monotone(values, weights))


def _monotone(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    blocks: list[list[float]] = []  # value, weight, how many grid points
    for value, weight in zip(values, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last = blocks.pop()
            total = blocks[-1][1] + last[1]
            blocks[-1] = [
                (blocks[-1][0] * blocks[-1][1] + last[0] * last[1]) / total,
                total,
                blocks[-1][2] + last[2],
            ]
    return [value for value, _, size in blocks for _ in range(int(size))]
