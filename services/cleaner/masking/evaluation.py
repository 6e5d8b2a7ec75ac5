"""Measures a masker on texts whose personal data is marked up as {{TYPE:text}}.

leak is the share of personal characters that no mask covers, precision the share of masked characters that are
personal, whatever the type. A type's recall and precision count spans: a gold span is found when one of the same type
overlaps it by at least half of the longer of the two.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.cleaner.masking.spans import Span

_MARKUP = re.compile(r"\{\{([A-Z]+):(.*?)\}\}", re.DOTALL)

SpanFinder = Callable[[str], Sequence[Span]]


class Marked(NamedTuple):
    """A text without its markup, and the spans that were marked in it."""

    text: str
    spans: tuple[Span, ...]


@dataclass(slots=True)
class TypeScore:
    """Counts of spans of one type: true positives, gold spans, predicted spans."""

    hits: int = 0
    gold: int = 0
    predicted: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Share of predicted spans that are right; 1 where none was predicted."""
        return self.right / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        """Share of gold spans that were found; 1 where there is none."""
        return self.hits / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(slots=True)
class Scores:
    """The figures of one run over a set of texts."""

    texts: int = 0
    personal: int = 0
    covered: int = 0
    masked: int = 0
    spans: int = 0
    whole: int = 0
    types: dict[str, TypeScore] = field(default_factory=dict)

    @property
    def leak(self) -> float:
        """Share of personal characters that no mask covers."""
        return 1 - self.covered / self.personal if self.personal else 0.0

    @property
    def precision(self) -> float:
        """Share of masked characters that are personal."""
        return self.covered / self.masked if self.masked else 1.0

    @property
    def fully_masked(self) -> float:
        """Share of marked spans of which every character is masked."""
        return self.whole / self.spans if self.spans else 1.0

    def figures(self) -> dict[str, object]:
        """All figures by name, for JSON."""
        return {
            "texts": self.texts,
            "leak": round(self.leak, 4),
            "spans_fully_masked": round(self.fully_masked, 4),
            "precision_by_characters": round(self.precision, 4),
            "types": {
                kind: {
                    "gold": score.gold,
                    "precision": round(score.precision, 4),
                    "recall": round(score.recall, 4),
                    "f1": round(score.f1, 4),
                }
                for kind, score in sorted(self.types.items())
            },
        }

    def add(self, gold: Sequence[Span], predicted: Sequence[Span]) -> None:
        """Count one text."""
        self.texts += 1
        personal = {i for span in gold for i in range(span.start, span.end)}
        masked = {i for span in predicted for i in range(span.start, span.end)}
        self.personal += len(personal)
        self.masked += len(masked)
        self.covered += len(personal & masked)
        self.spans += len(gold)
        self.whole += sum(masked.issuperset(range(s.start, s.end)) for s in gold)
        for span in gold:
            score = self.types.setdefault(span.type, TypeScore())
            score.gold += 1
            score.hits += any(p.type == span.type and _half(span, p) for p in predicted)
        for span in predicted:
            score = self.types.setdefault(span.type, TypeScore())
            score.predicted += 1
            score.right += any(g.type == span.type and _half(span, g) for g in gold)


def parse_markup(markup: str) -> Marked:
    """The text and its spans.

    >>> parse_markup("call {{PHONE:0803}} now").spans
    (Span(start=5, end=9, type='PHONE', confidence=1.0),)
    """
    pieces: list[str] = []
    spans: list[Span] = []
    at = length = 0
    for match in _MARKUP.finditer(markup):
        before, inside = markup[at : match.start()], match[2]
        length += len(before)
        spans.append(Span(length, length + len(inside), match[1], 1.0))
        length += len(inside)
        pieces += (before, inside)
        at = match.end()
    pieces.append(markup[at:])
    return Marked("".join(pieces), tuple(spans))


def lowered(text: str) -> str:
    """The text in lower case, character by character, so that offsets stay.

    >>> lowered("Ọlá İ")
    'ọlá İ'
    """
    return "".join([c.lower() if len(c.lower()) == 1 else c for c in text])


def evaluate(marked: Iterable[Marked], find: SpanFinder, *, lower: bool = False) -> Scores:
    """The scores of a span finder over marked texts, as they are or in lower case."""
    scores = Scores()
    for text, spans in marked:
        scores.add(spans, find(lowered(text) if lower else text))
    return scores


def table(columns: Sequence[tuple[str, Scores]]) -> str:
    """The figures as a Markdown table, one group of columns for each pair of a heading and its scores."""
    lines = ["| | " + " | ".join(name for name, _ in columns) + " |", "| --- |" + " --- |" * len(columns)]
    rows: list[tuple[str, Callable[[Scores], float]]] = [
        ("leak", lambda s: s.leak),
        ("spans fully masked", lambda s: s.fully_masked),
        ("precision by characters", lambda s: s.precision),
    ]
    for name, value in rows:
        lines.append(f"| {name} | " + " | ".join(f"{value(scores):.3f}" for _, scores in columns) + " |")
    lines += ["", "| type | gold | " + " | ".join(f"{n}: P / R / F1" for n, _ in columns) + " |"]
    lines.append("| --- | --- |" + " --- |" * len(columns))
    kinds = sorted({kind for _, scores in columns for kind in scores.types}, key=lambda k: (-_gold(columns, k), k))
    for kind in kinds:
        cells = []
        for _, scores in columns:
            score = scores.types.get(kind, TypeScore())
            cells.append(f"{score.precision:.2f} / {score.recall:.2f} / {score.f1:.2f}")
        lines.append(f"| {kind} | {_gold(columns, kind)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _gold(columns: Sequence[tuple[str, Scores]], kind: str) -> int:
    return max(scores.types[kind].gold if kind in scores.types else 0 for _, scores in columns)


def _half(a: Span, b: Span) -> bool:
    overlap = min(a.end, b.end) - max(a.start, b.start)
    return overlap * 2 >= max(a.end - a.start, b.end - b.start)
