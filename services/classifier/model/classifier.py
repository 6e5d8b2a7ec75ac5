"""What a text is about, how urgent it is and who is at risk: the linear model and the rules together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from services.classifier.model import artifact
from services.classifier.model.artifact import Artifact, Floats
from services.classifier.model.calibration import Calibration, raw_confidence
from services.classifier.model.features import Features, of_names
from services.classifier.model.scoring import Scorer, Scores
from services.classifier.risk import risk
from services.classifier.rules.levels import NOT_URGENT, levels
from services.classifier.rules.lexicon import lexicon
from services.classifier.rules.operators import operator
from services.classifier.rules.source_categories import category_of_source
from services.classifier.rules.subcategories import subcategory
from services.classifier.rules.tokens import join_units, name, tokenize
from services.classifier.sentiment import sentiment
from services.domain.vocabulary import CATEGORIES, LEVELS

_SHOWN_WORDS = 4
_SOURCE_WEIGHT = 2.0
_REVIEW_BELOW = 0.45
_REPORTED_CHANNELS = frozenset(("call_center", "web_form"))


class Input(NamedTuple):
    """One text, masked or not, and what else is known of it."""

    text: str
    channel: str | None = None
    source_category: str | None = None
    language: str | None = None
    state: str | None = None
    reach: int | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """The result for one text. Levels are high, medium or low; sentiment -1 to 1; confidence 0 to 1, calibrated."""

    is_complaint: bool
    category: str
    subcategory: str
    urgency: str
    impact: str
    risk: str
    risk_score: float
    sentiment: float
    language: str
    confidence: float
    needs_review: bool
    reasons: tuple[str, ...]
    operator: str | None
    escalated: bool
    """The customer says that the regulator has the case already."""


class Classifier:
    """Classifies batches of texts; keeps no text."""

    def __init__(self, model: Artifact) -> None:
        self.version = model.version
        """Names data, rules, seed and libraries that made the model."""
        self._scorer = Scorer(model)
        self._calibration = Calibration.of(model.numbers)
        self._columns: dict[str, slice] = {}
        start = 0
        for head, classes in model.heads.items():
            self._columns[head] = slice(start, start + len(classes))
            start += len(classes)
        self._languages = model.heads["language"]
        self._concepts = lexicon().concepts
        self._evidence_of = lexicon().evidence
        self._names: dict[str, str] = {}

    @classmethod
    def load(cls, path: Path | None = None) -> "Classifier":
        """The shipped model, or that of a file; ArtifactError where it cannot be read."""
        return cls(artifact.shipped() if path is None else Artifact.load(path))

    def classify(self, inputs: Sequence[Input]) -> list[Classification]:
        """Classify a batch, in order.

        >>> result, = Classifier.load().classify([Input("I was debited but the airtime has not entered")])
        >>> result.category
        'recharge_topup'
        """
        if not inputs:
            return []
        raw = [tokenize(item.text) for item in inputs]
        texts = [of_names(self._named(tokens)) for tokens in raw]
        return self._decide(inputs, raw, texts, self._scorer.scores(texts))

    def _named(self, tokens: list[str]) -> list[str]:
        known = self._names
        if len(known) > 100_000:
            known.clear()
        named = []
        for token in tokens:
            word = known.get(token)
            if word is None:
                word = known[token] = name(token)
            named.append(word)
        return join_units(named)

    def _decide(
        self, inputs: Sequence[Input], raw: list[list[str]], texts: list[Features], scores: Scores
    ) -> list[Classification]:
        outputs = scores.outputs
        labels = outputs[:, self._columns["label"]]
        hints = [category_of_source(item.source_category) for item in inputs]
        for row, hint in enumerate(hints):
            if hint is not None:
                labels[row, CATEGORIES.index(hint)] += _SOURCE_WEIGHT
        shares = self._calibration.shares(labels)
        complaint = self._calibration.complaint(shares, outputs[:, self._columns["complaint"]])
        best = shares[:, :-1].argmax(axis=1)
        raw_confidence_of = raw_confidence(shares, complaint, self._calibration.threshold)
        confidences = self._calibration.confidence(raw_confidence_of).tolist()
        urgency = outputs[:, self._columns["urgency"]].argmax(axis=1)
        impact = outputs[:, self._columns["impact"]].argmax(axis=1)
        language = outputs[:, self._columns["language"]].argmax(axis=1)
        added = self._scorer.added(scores, best.tolist())
        results = []
        start = 0
        for row, item in enumerate(inputs):
            text = texts[row]
            end = start + 1 + len(text.words)
            column = int(best[row])
            hint = hints[row]
            is_complaint = complaint[row] >= self._calibration.threshold
            if not text.words:
                is_complaint = hint is not None or item.channel in _REPORTED_CHANNELS
            shown = {self._concepts[code]: self._evidence_of(pattern) for code, pattern in text.concepts.items()}
            category = CATEGORIES[column] if is_complaint else "other"
            if not text.words:
                category = hint or "other"
            evidence = self._evidence(text, added[start + 1 : end]) if is_complaint else []
            start = end
            reasons = [f"word:{word}" for word in evidence]
            decided = NOT_URGENT
            if is_complaint:
                decided = levels(category, LEVELS[urgency[row]], LEVELS[impact[row]], shown)
                reasons += decided.rules
            mood = sentiment(text.words, shown, is_complaint=bool(is_complaint))
            at_risk = risk(
                shown.keys(),
                category,
                is_complaint=bool(is_complaint),
                urgency=decided.urgency,
                sentiment=mood,
                reach=item.reach,
            )
            if at_risk.kind != "none":
                reasons += [f"risk:{at_risk.kind}:{concept}" for concept in at_risk.evidence]
            if hint is not None:
                reasons.append(f"source:{hint}")
            confidence = confidences[row]
            results.append(
                Classification(
                    is_complaint=bool(is_complaint),
                    category=category,
                    subcategory=subcategory(category, shown.keys()) if is_complaint else "",
                    urgency=decided.urgency,
                    impact=decided.impact,
                    risk=at_risk.kind,
                    risk_score=at_risk.score,
                    sentiment=mood,
                    language=item.language or self._languages[int(language[row])],
                    confidence=round(confidence, 4),
                    needs_review=confidence < _REVIEW_BELOW,
                    reasons=tuple(dict.fromkeys(reasons)),
                    operator=operator(raw[row]) if "<oper>" in text.words else None,
                    escalated=False,
                )
            )
        return results

    def _evidence(self, text: Features, added: Floats) -> list[str]:
        known = self._scorer.word_row
        order = np.argsort(-added)[:_SHOWN_WORDS]
        found = [text.words[index] for index in order if added[index] > 0]
        return [word for word in found if word in known and word[0] != "<"]
