"""Whether one model is better than another on the same texts, or only luckier."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from services.classifier.model.classifier import Classification
from services.classifier.model.dataset import Example
from services.classifier.model.evaluation import Figures, evaluate, label_of, macro_f1

_RESAMPLES = 500
_SEED = 20261124


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of both, and the test of their difference in category."""

    first: Figures
    second: Figures
    only_first: int
    """Texts whose category only the first got right."""
    only_second: int
    chance: float
    """McNemar's exact test: how likely such a split is between equally good models."""
    interval: tuple[float, float]
    """95 % interval of the difference in category macro-F1 (second - first), by resampling the texts."""


def compare(
    examples: Sequence[Example], first: Sequence[Classification], second: Sequence[Classification]
) -> Comparison:
    """Compare the results of two models for the same labelled texts."""
    pairs = [
        (label_of(one) == example.label, label_of(two) == example.label)
        for example, one, two in zip(examples, first, second, strict=True)
    ]
    only_first = sum(one and not two for one, two in pairs)
    only_second = sum(two and not one for one, two in pairs)
    return Comparison(
        evaluate(examples, first),
        evaluate(examples, second),
        only_first,
        only_second,
        mcnemar(only_first, only_second),
        _interval(examples, first, second),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact probability of a split at least this uneven when both models are equally good.

    >>> mcnemar(5, 5)
    1.0
    """
    total = only_first + only_second
    if total == 0:
        return 1.0
    tail: int = sum(comb(total, count) for count in range(min(only_first, only_second) + 1))
    chance: float = 2 * tail / 2**total
    return min(1.0, chance)


def comparison_report(names: Sequence[str], found: Comparison) -> str:
    """The comparison as plain text."""
    rows = [
        ("category macro-F1", found.first.category, found.second.category),
        ("is_complaint", found.first.is_complaint, found.second.is_complaint),
        ("urgency", found.first.urgency, found.second.urgency),
        ("impact", found.first.impact, found.second.impact),
        ("priority within one", found.first.priority_within_one, found.second.priority_within_one),
        ("calibration error", found.first.calibration_error, found.second.calibration_error),
    ]
    lines = [f"{found.first.count} texts{'':14}{names[0][:24]:>25}{names[1][:24]:>25}"]
    for name, one, two in rows:
        shown = ["not labelled" if value is None else f"{value:.3f}" for value in (one, two)]
        lines.append(f"{name:20}{shown[0]:>25}{shown[1]:>25}")
    lines += [
        "",
        f"category right only with the first: {found.only_first}, only with the second: {found.only_second}",
        f"chance of such a split between equally good models: {found.chance:.3f} (McNemar, exact)",
        f"difference of category macro-F1: 95 % interval {found.interval[0]:+.3f} to {found.interval[1]:+.3f}",
    ]
    return "\n".join(lines)


def _interval(
    examples: Sequence[Example], first: Sequence[Classification], second: Sequence[Classification]
) -> tuple[float, float]:
    draw = random.Random(_SEED)  # noqa: S311  # resampling, not secrecy
    rows = [
        (example.category, one.category, two.category)
        for example, one, two in zip(examples, first, second, strict=True)
    ]
    differences = []
    for _ in range(_RESAMPLES):
        wanted, one, two = zip(*draw.choices(rows, k=len(rows)), strict=True)
        differences.append(macro_f1(wanted, two) - macro_f1(wanted, one))
    differences.sort()
    return differences[int(0.025 * _RESAMPLES)], differences[int(0.975 * _RESAMPLES)]
