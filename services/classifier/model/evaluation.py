"""How good classifications are, against labels: macro-F1, per class and language, priority, calibration."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from services.classifier.model.classifier import Classification
from services.classifier.model.dataset import Example
from services.classifier.priority import priority

BINS = 10


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Precision, recall and F1 of one class, and how many texts have it."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose confidence lies in one tenth: their mean confidence and the share that was right."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one run. Levels and priority are None where the labels do not have them."""

    count: int
    category: float
    is_complaint: float
    urgency: float | None
    impact: float | None
    priority_exact: float | None
    priority_within_one: float | None
    classes: tuple[ClassFigures, ...]
    languages: dict[str, tuple[int, float]]
    """Number of texts, and share whose category is right."""
    language: float | None
    """Share whose language is recognised."""
    bins: tuple[Bin, ...]
    calibration_error: float
    """Mean distance of confidence and share of right answers over the bins, weighted by their texts."""


def macro_f1(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """Mean F1 of the classes that occur in either list.

    >>> macro_f1(["a", "a", "b"], ["a", "b", "b"])
    0.6666666666666666
    """
    classes = set(wanted) | set(found)
    if not classes:
        return 0.0
    return sum(class_figures(wanted, found, name).f1 for name in classes) / len(classes)


def class_figures(wanted: Sequence[Hashable], found: Sequence[Hashable], name: Hashable) -> ClassFigures:
    """Figures of one class."""
    hits = sum(want == name == got for want, got in zip(wanted, found, strict=True))
    support, claimed = wanted.count(name), found.count(name)
    f1 = 2 * hits / (support + claimed) if support + claimed else 0.0
    return ClassFigures(str(name), hits / claimed if claimed else 0.0, hits / support if support else 0.0, f1, support)


def confusion(examples: Sequence[Example], results: Sequence[Classification]) -> dict[tuple[str, str], int]:
    """How often a label (category, or none for no complaint) was given as which."""
    counts: dict[tuple[str, str], int] = {}
    for example, result in zip(examples, results, strict=True):
        pair = (example.label, label_of(result))
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def label_of(result: Classification) -> str:
    """The category, or none for no complaint."""
    return result.category if result.is_complaint else "none"


def evaluate(examples: Sequence[Example], results: Sequence[Classification]) -> Figures:
    """Figures of results against the labels of the same texts. ValueError where the lengths differ."""
    wanted = [example.category for example in examples]
    found = [result.category for result in results]
    levelled = [
        (example, result)
        for example, result in zip(examples, results, strict=True)
        if example.urgency and example.impact
    ]
    steps = [_steps(example, result) for example, result in levelled]
    known = [(e.language, r.language) for e, r in zip(examples, results, strict=True) if e.language]
    bins = _bins(examples, results)
    return Figures(
        count=len(examples),
        category=macro_f1(wanted, found),
        is_complaint=macro_f1([e.is_complaint for e in examples], [r.is_complaint for r in results]),
        urgency=_level_f1(levelled, lambda item: item.urgency),
        impact=_level_f1(levelled, lambda item: item.impact),
        priority_exact=_share([step == 0 for step in steps]),
        priority_within_one=_share([step <= 1 for step in steps]),
        classes=_all_classes(examples, results),
        languages=_by_language(examples, results),
        language=_share([want == got for want, got in known]),
        bins=bins,
        calibration_error=sum(b.count * abs(b.confidence - b.right) for b in bins) / max(len(examples), 1),
    )


def report(figures: Figures) -> str:
    """The figures as plain text."""
    lines = [
        f"texts                {figures.count}",
        f"category macro-F1    {figures.category:.3f}",
        f"is_complaint         {figures.is_complaint:.3f}",
        f"urgency              {_figure(figures.urgency)}",
        f"impact               {_figure(figures.impact)}",
        f"priority exact       {_figure(figures.priority_exact)}",
        f"priority within one  {_figure(figures.priority_within_one)}",
        f"language             {_figure(figures.language)}",
        f"calibration error    {figures.calibration_error:.3f}",
        "",
        f"{'class':20}{'precision':>10}{'recall':>10}{'F1':>10}{'texts':>10}",
    ]
    lines += [
        f"{item.name:20}{item.precision:>10.3f}{item.recall:>10.3f}{item.f1:>10.3f}{item.support:>10}"
        for item in figures.classes
    ]
    lines += ["", f"{'language':20}{'texts':>10}{'category right':>20}"]
    lines += [f"{name:20}{count:>10}{share:>20.3f}" for name, (count, share) in figures.languages.items()]
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "not labelled" if value is None else f"{value:.3f}"


def _steps(example: Example, result: Classification) -> int:
    wanted = priority(example.impact or "low", example.urgency or "low")
    return abs(int(wanted[1]) - int(priority(result.impact, result.urgency)[1]))


def _level_f1(
    pairs: Sequence[tuple[Example, Classification]], level: Callable[[Example | Classification], str | None]
) -> float | None:
    if not pairs:
        return None
    return macro_f1([level(example) for example, _ in pairs], [level(result) for _, result in pairs])


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _all_classes(examples: Sequence[Example], results: Sequence[Classification]) -> tuple[ClassFigures, ...]:
    wanted = [example.label for example in examples]
    found = [label_of(result) for result in results]
    return tuple(class_figures(wanted, found, name) for name in sorted(set(wanted) | set(found)))


def _by_language(examples: Sequence[Example], results: Sequence[Classification]) -> dict[str, tuple[int, float]]:
    groups: dict[str, list[bool]] = {}
    for example, result in zip(examples, results, strict=True):
        if example.language:
            groups.setdefault(example.language, []).append(example.label == label_of(result))
    return {name: (len(flags), sum(flags) / len(flags)) for name, flags in sorted(groups.items())}


def _bins(examples: Sequence[Example], results: Sequence[Classification]) -> tuple[Bin, ...]:
    groups: dict[int, list[tuple[float, bool]]] = {}
    for example, result in zip(examples, results, strict=True):
        place = min(int(result.confidence * BINS), BINS - 1)
        groups.setdefault(place, []).append((result.confidence, example.label == label_of(result)))
    return tuple(
        Bin(sum(c for c, _ in group) / len(group), sum(r for _, r in group) / len(group), len(group))
        for _, group in sorted(groups.items())
    )
