"""What a text is about, how urgent it is and who is at risk: the networks and the rules together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from services.classifier.model import artifact
from services.classifier.model.artifact import Artifact
from services.classifier.model.calibration import Calibration, raw_confidence
from services.classifier.model.features import Features, of_names
from services.classifier.model.scoring import Scorer, Scores
from services.classifier.risk import risk
from services.classifier.rules.levels import NOT_URGENT, levels
from services.classifier.rules.lexicon import lexicon
from services.classifier.rules.numbers import join_units
from services.classifier.rules.operators import operator
from services.classifier.rules.source_categories import category_of_source
from services.classifier.rules.subcategories import subcategory
from services.classifier.rules.tokens import name, tokenize
from services.classifier.sentiment import sentiment
from services.domain.vocabulary import CATEGORIES, LEVELS

_SHOWN_WORDS: Final = 4
_REMEMBERED_TOKENS: Final = 100_000
_SOURCE_WEIGHT: Final = 3.5
"""Score that the source's own category adds: enough where the text is vague, too little where it is clear."""
_REVIEW_BELOW: Final = 0.5
_REPORTED: Final = frozenset(("call_center", "web_form"))
"""Channels on which a record without text is a complaint all the same."""
_NO_TEXT_CONFIDENCE: Final = 0.6


class Input(NamedTuple):
    """One text, masked or not, and what else is known of it."""

    text: str
    channel: str | None = None
    source_category: str | None = None
    language: str | None = None
    state: str | None = None
    reach: int | None = None


class Classification(NamedTuple):
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
    """Evidence: words of the lexicon and masks, rules, the source's category. Never a name or a number of the text."""
    operator: str | None
    escalated: bool
    """The customer says that the regulator has the case already."""


class _Opinion(NamedTuple):
    """What the networks say of one text."""

    is_complaint: bool
    category: str
    confidence: float
    urgency: str
    impact: str
    language: str
    words: list[str]


class _Names(dict[str, str]):
    """Normalised forms by raw token; that of a new token is made when it is asked for."""

    def __missing__(self, token: str) -> str:
        named = self[token] = name(token)
        return named


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
        self._evidence = lexicon().evidence
        self._showable = lexicon().words
        self._names = _Names()

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
        tokens = [tokenize(item.text) for item in inputs]
        texts = [of_names(self._named(of_text)) for of_text in tokens]
        hints = [category_of_source(item.source_category) for item in inputs]
        opinions = self._opinions(texts, hints)
        return [self._result(*parts) for parts in zip(inputs, tokens, texts, hints, opinions, strict=True)]

    def _named(self, tokens: list[str]) -> list[str]:
        known = self._names
        if len(known) > _REMEMBERED_TOKENS:
            known.clear()
        return join_units([known[token] for token in tokens])

    def _opinions(self, texts: Sequence[Features], hints: Sequence[str | None]) -> list[_Opinion]:
        scores = self._scorer.scores(texts)
        outputs = scores.outputs
        labels = outputs[:, self._columns["label"]]
        of_complaint = outputs[:, self._columns["complaint"]]
        for row, hint in enumerate(hints):
            if hint is not None:
                labels[row, CATEGORIES.index(hint)] += _SOURCE_WEIGHT
                of_complaint[row, 0] += _SOURCE_WEIGHT
        shares = self._calibration.shares(labels)
        complaint = self._calibration.complaint(shares, of_complaint)
        raw = raw_confidence(shares, complaint, self._calibration.threshold)
        best = shares[:, :-1].argmax(axis=1)
        words = self._best_words(texts, scores, best.tolist())
        columns = zip(
            (complaint >= self._calibration.threshold).tolist(),
            best.tolist(),
            self._calibration.confidence(raw).tolist(),
            outputs[:, self._columns["urgency"]].argmax(axis=1).tolist(),
            outputs[:, self._columns["impact"]].argmax(axis=1).tolist(),
            outputs[:, self._columns["language"]].argmax(axis=1).tolist(),
            words,
            strict=True,
        )
        return [
            _Opinion(
                is_complaint,
                CATEGORIES[category],
                confidence,
                LEVELS[urgency],
                LEVELS[impact],
                self._languages[language],
                shown,
            )
            for is_complaint, category, confidence, urgency, impact, language, shown in columns
        ]

    def _best_words(self, texts: Sequence[Features], scores: Scores, best: list[int]) -> list[list[str]]:
        """Words of the lexicon that spoke most for the best category of each text, the strongest first."""
        lengths = [len(text.words) for text in texts]
        added = self._scorer.added(scores, best, lengths)
        order = np.lexsort((-added, np.repeat(np.arange(len(texts)), lengths))).tolist()
        spoke: list[bool] = (added > 0).tolist()
        found = []
        start = 0
        for text in texts:
            shown: list[str] = []
            for row in order[start : start + len(text.words)]:
                if len(shown) == _SHOWN_WORDS or not spoke[row]:
                    break
                word = text.words[row - start]
                if word in self._showable and word[0] != "<":
                    shown.append(word)
            found.append(shown)
            start += len(text.words)
        return found

    def _result(
        self, item: Input, tokens: list[str], text: Features, hint: str | None, opinion: _Opinion
    ) -> Classification:
        if not text.words:
            return self._without_text(item, hint)
        evidence = {self._concepts[code]: self._evidence(pattern) for code, pattern in text.concepts.items()}
        concepts = evidence.keys()
        is_complaint = opinion.is_complaint
        reasons: list[str] = []
        decided, category, finer = NOT_URGENT, "other", ""
        if is_complaint:
            category = opinion.category
            finer = subcategory(category, concepts)
            decided = levels(category, opinion.urgency, opinion.impact, evidence)
            reasons = [f"word:{word}" for word in opinion.words]
            reasons += decided.rules
        mood = sentiment(text.words, evidence, is_complaint=is_complaint)
        at_risk = risk(
            concepts,
            category,
            is_complaint=is_complaint,
            urgency=decided.urgency,
            sentiment=mood,
            reach=item.reach,
        )
        reasons += [f"risk:{at_risk.kind}:{concept}" for concept in at_risk.evidence]
        if hint is not None:
            reasons.append(f"source:{hint}")
        return Classification(
            is_complaint,
            category,
            finer,
            decided.urgency,
            decided.impact,
            at_risk.kind,
            at_risk.score,
            mood,
            item.language or opinion.language,
            round(opinion.confidence, 4),
            opinion.confidence < _REVIEW_BELOW,
            tuple(reasons),
            operator(tokens) if "<oper>" in text.words else None,
            is_complaint and "escalated" in evidence,
        )

    def _without_text(self, item: Input, hint: str | None) -> Classification:
        """A record that has only what its source says: a row of a call-centre export, or an empty message."""
        is_complaint = hint is not None or item.channel in _REPORTED
        return Classification(
            is_complaint,
            hint or "other",
            "",
            "medium" if is_complaint else "low",
            "medium" if is_complaint else "low",
            "none",
            0.0,
            0.0,
            item.language or "other",
            _NO_TEXT_CONFIDENCE if hint else 0.0,
            hint is None,
            ("rule:no text", f"source:{hint}") if hint else ("rule:no text",),
            None,
            False,
        )
