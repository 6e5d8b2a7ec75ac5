"""Scores of many texts at once: what a word adds to the hidden layer depends on the word alone, and is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from services.classifier.model.artifact import Artifact, Floats
from services.classifier.model.features import (
    BIGRAM_SHARE,
    CONCEPT_VALUE,
    GRAM_SHARE,
    PAIR_VALUE,
    Features,
    grams,
)
from services.classifier.rules.lexicon import lexicon

_REMEMBERED_WORDS = 60_000


@dataclass(frozen=True)
class Scores:
    """Scores of a batch, and what is needed to explain them."""

    outputs: Floats
    """Texts x outputs."""
    words: Floats
    """What each word adds to the hidden layer (words of all texts x hidden units)."""
    active: Floats
    """1 where a hidden unit took part (texts x hidden units)."""
    starts: list[int]
    """First row of `words` of every text."""


class Scorer:
    """The networks of a model.

    A word's row is the sum over the word and its n-grams, scaled, with the square of its idf in one more column (for
    the norm of the text). Rows are made when a word is first met and dropped all at once when there are too many.
    """

    def __init__(self, model: Artifact) -> None:
        inner = model.inner
        self._hidden = inner.shape[1]
        starts = np.cumsum([0, len(model.words), len(model.grams), len(model.bigrams), len(model.concepts)])
        self._inner = inner
        self._inner_bias = model.inner_bias
        self._outer = model.outer
        self._outer_bias = model.outer_bias
        self._unknown_idf = float(model.idf[-1])
        self._idf = dict(zip(model.words, model.idf.tolist(), strict=False))
        self._word_row = {word: row for row, word in enumerate(model.words)}
        self._gram_row = {gram: row for row, gram in enumerate(model.grams, int(starts[1]))}
        self._bigram_row = {_pair(both): row for row, both in enumerate(model.bigrams, 1)}
        self._bigrams = self._with_zero_row(inner[starts[2] : starts[3]] * (BIGRAM_SHARE * self._unknown_idf))
        code = {name: index for index, name in enumerate(lexicon().concepts)}
        self._concept_row = {code[name]: row for row, name in enumerate(model.concepts, 1) if name in code}
        pairs = [_pair(both) for both in model.pairs]
        self._pair_row = {
            (code[first], code[second]): row
            for row, (first, second) in enumerate(pairs, len(model.concepts) + 1)
            if first in code and second in code
        }
        scale = np.full((len(inner) - int(starts[3]), 1), PAIR_VALUE, np.float32)
        scale[: len(model.concepts)] = CONCEPT_VALUE
        self._concepts = self._with_zero_row(inner[starts[3] :] * scale)
        self._forget()

    def _with_zero_row(self, rows: Floats) -> Floats:
        return np.vstack([np.zeros((1, self._hidden), np.float32), rows])

    def _forget(self) -> None:
        self._row: dict[str, int] = {}
        self._words: Floats = np.zeros((4096, self._hidden + 1), np.float32)

    def scores(self, texts: Sequence[Features]) -> Scores:
        """Scores of a batch of texts."""
        if len(self._row) > _REMEMBERED_WORDS:
            self._forget()
        word_rows: list[int] = []
        bigram_rows: list[int] = []
        concept_rows: list[int] = []
        word_starts: list[int] = []
        bigram_starts: list[int] = []
        concept_starts: list[int] = []
        row_of, bigrams = self._row, self._bigram_row
        concepts, pairs = self._concept_row, self._pair_row
        for text in texts:
            word_starts.append(len(word_rows))
            bigram_starts.append(len(bigram_rows))
            concept_starts.append(len(concept_rows))
            word_rows.append(0)  # row 0 is zero: no text is without a row, as reduceat needs it
            bigram_rows.append(0)
            concept_rows.append(0)
            for word in text.words:
                if word not in row_of:
                    self._remember(word)
            word_rows += map(row_of.__getitem__, text.words)
            bigram_rows += [bigrams[pair] for pair in text.bigrams() & bigrams.keys()]
            concept_rows += [concepts[item] for item in text.concepts if item in concepts]
            concept_rows += [pairs[pair] for pair in text.pairs() if pair in pairs]
        words = self._words[word_rows]
        sums = np.add.reduceat(words, word_starts, axis=0)
        scale = 1 / np.sqrt(np.maximum(sums[:, -1:], 1e-6))
        hidden = sums[:, :-1] + np.add.reduceat(self._bigrams[bigram_rows], bigram_starts, axis=0)
        hidden *= scale
        hidden += np.add.reduceat(self._concepts[concept_rows], concept_starts, axis=0)
        hidden += self._inner_bias
        active = (hidden > 0).astype(np.float32)
        outputs = (hidden * active) @ self._outer + self._outer_bias
        return Scores(outputs, words[:, :-1], active, word_starts)

    def added(self, scores: Scores, columns: Sequence[int]) -> Floats:
        """What each word added to the output of its text that `columns` names, up to a factor of the text."""
        towards = scores.active * self._outer[:, columns].T
        lengths = np.diff([*scores.starts, len(scores.words)])
        found: Floats = np.einsum("ij,ij->i", scores.words, np.repeat(towards, lengths, axis=0))
        return found

    def _remember(self, word: str) -> None:
        row = len(self._row) + 1
        if row >= len(self._words):
            self._words = np.vstack([self._words, np.zeros_like(self._words)])
        idf = self._idf.get(word, self._unknown_idf)
        vector = np.zeros(self._hidden, np.float32)
        if word in self._word_row:
            vector += self._inner[self._word_row[word]] * idf
        parts = grams(word)
        known = [self._gram_row[gram] for gram in parts if gram in self._gram_row]
        if known:
            vector += self._inner[known].sum(axis=0) * (GRAM_SHARE * idf / sqrt(len(parts)))
        self._words[row, :-1] = vector
        self._words[row, -1] = idf * idf
        self._row[word] = row


def _pair(both: str) -> tuple[str, str]:
    first, second = both.split(" ")
    return first, second
