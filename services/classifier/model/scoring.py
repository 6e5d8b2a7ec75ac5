"""Linear scores of many texts at once, remembering what each word contributes."""

from collections.abc import Sequence
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


class Scorer:
    """Scores of every output for a batch of texts.

    A word's row is the sum over the word and its n-grams, scaled, with the square of its idf in one more column (for
    the norm of the text). Rows are made when a word is first met and dropped all at once when there are too many.
    """

    def __init__(self, model: Artifact) -> None:
        self._outputs = model.weights.shape[1]
        starts = np.cumsum([0, len(model.words), len(model.grams), len(model.bigrams), len(model.concepts)])
        weights = model.weights
        self._weights = weights
        self._bias = model.bias
        self._unknown_idf = float(model.idf[-1])
        self._idf = dict(zip(model.words, model.idf.tolist(), strict=False))
        self.word_row = {word: row for row, word in enumerate(model.words)}
        """Words of the vocabulary: the only ones that may be shown as evidence."""
        self._gram_row = {gram: row for row, gram in enumerate(model.grams, int(starts[1]))}
        self._bigram_row = {tuple(pair.split(" ")): row for row, pair in enumerate(model.bigrams, 1) if pair}
        self._bigrams = self._with_zero_row(weights[starts[2] : starts[3]] * (BIGRAM_SHARE * self._unknown_idf))
        code = {name: index for index, name in enumerate(lexicon().concepts)}
        self._concept_row = {code[name]: row for row, name in enumerate(model.concepts, 1) if name in code}
        pairs = [tuple(pair.split(" ")) for pair in model.pairs]
        first = len(model.concepts) + 1
        self._pair_row = {
            (code[pair[0]], code[pair[1]]): row
            for row, pair in enumerate(pairs, first)
            if len(pair) == 2 and pair[0] in code and pair[1] in code
        }
        scale = np.full((weights.shape[0] - starts[3], 1), PAIR_VALUE, np.float32)
        scale[: len(model.concepts)] = CONCEPT_VALUE
        self._concepts = self._with_zero_row(weights[starts[3] :] * scale)
        self._forget()

    def _with_zero_row(self, rows: Floats) -> Floats:
        return np.vstack([np.zeros((1, self._outputs), np.float32), rows])

    def _forget(self) -> None:
        self._row: dict[str, int] = {}
        self._words: Floats = np.zeros((4096, self._outputs + 1), np.float32)

    def scores(self, texts: Sequence[Features]) -> tuple[Floats, Floats]:
        """Scores (texts x outputs), and what every distinct word of every text added to them (words x outputs)."""
        if len(self._row) > _REMEMBERED_WORDS:
            self._forget()
        word_rows: list[int] = []
        bigram_rows: list[int] = []
        concept_rows: list[int] = []
        word_starts, bigram_starts, concept_starts = [], [], []
        row_of = self._row
        for text in texts:
            word_starts.append(len(word_rows))
            bigram_starts.append(len(bigram_rows))
            concept_starts.append(len(concept_rows))
            word_rows.append(0)
            bigram_rows.append(0)
            concept_rows.append(0)
            word_rows += [row_of[word] if word in row_of else self._remember(word) for word in text.words]
            bigrams = self._bigram_row
            bigram_rows += [bigrams[pair] for pair in text.bigrams if pair in bigrams]
            known_concepts = self._concept_row
            concept_rows += [known_concepts[item] for item in text.concepts if item in known_concepts]
            pairs = self._pair_row
            concept_rows += [pairs[pair] for pair in text.pairs if pair in pairs]
        words = self._words[word_rows]
        sums = np.add.reduceat(words, word_starts, axis=0)
        scale = 1 / np.sqrt(np.maximum(sums[:, -1:], 1e-6))
        total = sums[:, :-1] + np.add.reduceat(self._bigrams[bigram_rows], bigram_starts, axis=0)
        total *= scale
        total += np.add.reduceat(self._concepts[concept_rows], concept_starts, axis=0)
        total += self._bias
        return total, words

    def _remember(self, word: str) -> int:
        row = len(self._row) + 1
        if row >= len(self._words):
            self._words = np.vstack([self._words, np.zeros_like(self._words)])
        idf = self._idf.get(word, self._unknown_idf)
        vector = np.zeros(self._outputs, np.float32)
        if word in self.word_row:
            vector += self._weights[self.word_row[word]] * idf
        parts = grams(word)
        known = [self._gram_row[gram] for gram in parts if gram in self._gram_row]
        if known:
            vector += self._weights[known].sum(axis=0) * (GRAM_SHARE * idf / sqrt(len(parts)))
        self._words[row, :-1] = vector
        self._words[row, -1] = idf * idf
        self._row[word] = row
        return row
