"""python -m bench.classifier_card: write the figures of the model card again (docs/classification.md and its pictures).

A part of the page stands between <!-- card: name --> and <!-- /card -->.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.classifier import demo_messages
from services.classifier.model import Classification, Classifier, Input, artifact
from services.classifier.model.dataset import LABELS, Example, read, shipped
from services.classifier.model.evaluation import Bin, Figures, confusion, evaluate

PAGE: Final = Path("docs/classification.md")
FOLDER: Final = Path("docs/classification")
DATA: Final = Path("services/classifier/data")
_PART: Final = re.compile(r"(<!-- card: (\w+) -->\n).*?(<!-- /card -->)", re.DOTALL)
_SIZE: Final = 360
_MARGIN: Final = 48
_CELL: Final = 34
_STYLE: Final = (
    "<style>text{font:12px sans-serif;fill:#333}.axis{stroke:#999}.ideal{stroke:#bbb;stroke-dasharray:4 3}"
    ".line{fill:none;stroke:#0b6bcb;stroke-width:2}.dot{fill:#0b6bcb}.small{font-size:10px}</style>"
)


def main() -> None:
    """Measure the shipped model and write page and pictures."""
    classifier = Classifier.load()
    test = shipped("test")
    results = classify(classifier, test)
    both = [*test, *demo_messages()]
    parts = {
        "sets": sets(classifier),
        "classes": classes(evaluate(test, results)),
        "languages": languages(evaluate(test, results)),
        "data": data(),
    }
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_PART.sub(lambda match: f"{match[1]}{parts[match[2]]}\n{match[3]}", page), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    bins = evaluate(both, classify(classifier, both)).bins
    (FOLDER / "calibration.svg").write_text(calibration_plot(bins), encoding="utf-8")
    (FOLDER / "confusion.svg").write_text(confusion_plot(confusion(test, results)), encoding="utf-8")


def classify(classifier: Classifier, examples: Sequence[Example]) -> list[Classification]:
    """Results of labelled texts."""
    return classifier.classify([Input(example.text) for example in examples])


def sets(classifier: Classifier) -> str:
    """One row a measured set."""
    measured = [
        ("test set", shipped("test")),
        ("the demo's messages, by another author", demo_messages()),
        ("sarcasm", read(DATA / "sarcasm.tsv")[0]),
        ("negation", read(DATA / "negation.tsv")[0]),
    ]
    rows = [
        "| set | texts | category | is_complaint | urgency | impact | priority within one | calibration error |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, examples in measured:
        found = evaluate(examples, classify(classifier, examples))
        cells = [found.category, found.is_complaint, found.urgency, found.impact, found.priority_within_one]
        shown = [_short(value) for value in [*cells, found.calibration_error]]
        rows.append(f"| {name} | {found.count} | {' | '.join(shown)} |")
    return "\n".join(rows)


def classes(found: Figures) -> str:
    """One row a class of the test set."""
    rows = ["| class | precision | recall | F1 | texts |", "| --- | --- | --- | --- | --- |"]
    rows += [
        f"| {item.name} | {_short(item.precision)} | {_short(item.recall)} | {_short(item.f1)} | {item.support} |"
        for item in found.classes
    ]
    return "\n".join(rows)


def languages(found: Figures) -> str:
    """One row a language of the test set."""
    rows = ["| language | texts | label right |", "| --- | --- | --- |"]
    rows += [f"| {name} | {count} | {_short(share)} |" for name, (count, share) in found.languages.items()]
    return "\n".join([*rows, f"\nThe language itself is recognised in {_short(found.language)} of them."])


def data() -> str:
    """What the model was trained on."""
    about = artifact.shipped().about
    rows = [
        "| file | texts | English | Pidgin | Yoruba | Hausa | Igbo |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in ("hand", "composed", "test"):
        examples = shipped(name)
        counts = [sum(example.language == code for example in examples) for code in ("en", "pcm", "yo", "ha", "ig")]
        rows.append(f"| {name}.tsv | {len(examples):,} | {' | '.join(map(str, counts))} |")
    libraries = f"Python {about['python']}, numpy {about['numpy']}, scipy {about['scipy']}"
    return "\n".join(
        [*rows, f"\nSeed {about['seed']}; {libraries}; data {about['data'][:12]}, rules {about['rules'][:12]}."]
    )


def calibration_plot(bins: Sequence[Bin]) -> str:
    """Share of right answers by confidence, one dot a tenth, its area by the number of texts."""

    def at(confidence: float, right: float) -> str:
        span = _SIZE - 2 * _MARGIN
        return f"{_MARGIN + confidence * span:.1f},{_SIZE - _MARGIN - right * span:.1f}"

    most = max(item.count for item in bins)
    low, high = at(0, 0).split(","), at(1, 1).split(",")
    parts = [
        f'<line class="ideal" x1="{low[0]}" y1="{low[1]}" x2="{high[0]}" y2="{high[1]}"/>',
        f'<line class="axis" x1="{low[0]}" y1="{low[1]}" x2="{high[0]}" y2="{low[1]}"/>',
        f'<line class="axis" x1="{low[0]}" y1="{low[1]}" x2="{low[0]}" y2="{high[1]}"/>',
        f'<polyline class="line" points="{" ".join(at(item.confidence, item.right) for item in bins)}"/>',
    ]
    for item in bins:
        x, y = at(item.confidence, item.right).split(",")
        radius = 3 + 7 * (item.count / most) ** 0.5
        parts.append(
            f'<circle class="dot" cx="{x}" cy="{y}" r="{radius:.1f}"><title>{item.count} texts</title></circle>'
        )
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x, y = at(tick, tick).split(",")
        parts.append(f'<text class="small" x="{x}" y="{_SIZE - _MARGIN + 16}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text class="small" x="{_MARGIN - 8}" y="{y}" text-anchor="end">{tick:g}</text>')
    parts.append(f'<text x="{_SIZE / 2}" y="{_SIZE - 8}" text-anchor="middle">confidence</text>')
    parts.append(
        f'<text transform="translate(14 {_SIZE / 2}) rotate(-90)" text-anchor="middle">share of right labels</text>'
    )
    return _picture(_SIZE, _SIZE, "Calibration of the classifier", parts)


def confusion_plot(counts: dict[tuple[str, str], int]) -> str:
    """A grid: rows are the labels, columns what was answered; the darker the larger the share of the row."""
    left, top = 140, 130
    size = len(LABELS) * _CELL
    parts = []
    for row, wanted in enumerate(LABELS):
        total = sum(counts.get((wanted, found), 0) for found in LABELS)
        y = top + row * _CELL
        parts.append(f'<text x="{left - 6}" y="{y + 21}" text-anchor="end">{html.escape(wanted)}</text>')
        parts.append(
            f'<text transform="translate({left + row * _CELL + 20} {top - 6}) rotate(-60)">{html.escape(wanted)}</text>'
        )
        for column, found in enumerate(LABELS):
            count = counts.get((wanted, found), 0)
            share = count / total if total else 0
            x = left + column * _CELL
            colour = "#0b6bcb" if row == column else "#c8401a"
            parts.append(
                f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" fill="{colour}" '
                f'fill-opacity="{0.04 + 0.9 * share:.2f}"/>'
            )
            if count:
                parts.append(f'<text x="{x + _CELL / 2}" y="{y + 21}" text-anchor="middle">{count}</text>')
    return _picture(left + size + 60, top + size + 10, "Confusion matrix on the test set", parts)


def _picture(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{title}">\n<title>{title}</title>\n{_STYLE}\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".lstrip("0") if value < 1 else "1.0"


if __name__ == "__main__":
    main()
