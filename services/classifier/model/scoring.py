"""Scores of many texts at once: what a word adds to the hidden layer depends on the word alone, and is remembered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from services.classifier.model.artifact import Artifact, Floats
from services.classifier.model.features import (
    BIGRAM_SHARE,
    CONCEPT_VALUE,
    GRAM_SHARE,
    PAIR_VALUE,
    UNKNOWN_SHARE,
    Features,
    grams,
)
from services.classifier.rules.lexicon import lexicon

_REMEMBERED_WORDS = 60_000


_STEP = 8
"""Texts are summed in groups whose numbers of rows, rounded up to a multiple of this, are equal."""


@dataclass(frozen=True)
class Scores:
    """Scores of a batch, and what is needed to explain them."""

    outputs: Floats
    """Texts x outputs."""
    active: Floats
    """1 where a hidden unit took part (texts x hidden units)."""
    words: list[int]
    """Row of every word of every text, one text after the other."""


class _Remembered(dict[str, int]):
    """Rows by word; that of a new word is made when it is asked for."""

    def __init__(self, make: Callable[[str], int]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, word: str) -> int:
        row = self[word] = self._make(word)
        return row


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
        self._outer = np.ascontiguousarray(model.outer.T)
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
        """Keep the rows of the bigrams, which come first, and drop those of all words."""
        self._row = _Remembered(self._remember)
        self._used = len(self._bigrams)
        self._words: Floats = np.zeros((self._used + 4096, self._hidden + 1), np.float32)
        self._words[: self._used, :-1] = self._bigrams

    def scores(self, texts: Sequence[Features]) -> Scores:
        """Scores of a batch of texts."""
        if len(self._row) > _REMEMBERED_WORDS:
            self._forget()
        row_of, bigrams = self._row, self._bigram_row
        concepts, pairs = self._concept_row, self._pair_row
        words: list[int] = []
        of_words: list[list[int]] = []
        of_concepts: list[list[int]] = []
        for text in texts:
            rows = [row_of[word] for word in text.words]
            words += rows
            of_words.append(rows + [bigrams[pair] for pair in text.bigrams(bigrams)])
            found = [concepts[item] for item in text.concepts if item in concepts]
            of_concepts.append(found + [pairs[pair] for pair in text.pairs() if pair in pairs])
        sums = _row_sums(self._words, of_words)
        hidden = sums[:, :-1] / np.sqrt(np.maximum(sums[:, -1:], 1e-6))
        hidden += _row_sums(self._concepts, of_concepts)
        hidden += self._inner_bias
        active = (hidden > 0).astype(np.float32)
        # einsum, not @: the result for a text must not depend on the batch it is in, to the last digit
        outputs = np.einsum("th,oh->to", hidden * active, self._outer) + self._outer_bias
        return Scores(outputs, active, words)

    def added(self, scores: Scores, columns: Sequence[int], lengths: Sequence[int]) -> Floats:
        """What each word added to the output of its text that `columns` names, up to a factor of the text.

        `lengths`: number of words of every text.
        """
        towards = scores.active * self._outer[columns]
        rows = self._words[scores.words, :-1]
        found: Floats = np.einsum("wh,wh->w", rows, np.repeat(towards, lengths, axis=0))
        return found

    def _remember(self, word: str) -> int:
        """Make the row of a word that is met for the first time."""
        row = self._used
        self._used += 1
        if row >= len(self._words):
            self._words = np.vstack([self._words, np.zeros_like(self._words)])
        idf = self._idf.get(word, self._unknown_idf * UNKNOWN_SHARE)
        vector = np.zeros(self._hidden, np.float32)
        if word in self._word_row:
            vector += self._inner[self._word_row[word]] * idf
        parts = grams(word)
        known = [self._gram_row[gram] for gram in parts if gram in self._gram_row]
        if known:
            vector += self._inner[known].sum(axis=0) * (GRAM_SHARE * idf / sqrt(len(parts)))
        self._words[row, :-1] = vector
        self._words[row, -1] = idf * idf
        return row


def _pair(both: str) -> tuple[str, str]:
    first, second = both.split(" ")
    return first, second


def _row_sums(matrix: Floats, rows: Sequence[list[int]]) -> Floats:
    """Sum of the rows of `matrix` that each list names; row 0 is zero and fills the lists of a group up.

    Ten times as fast as add.reduceat over rows of this length.
    """
    sums = np.empty((len(rows), matrix.shape[1]), np.float32)
    groups: dict[int, list[int]] = {}
    for index, of_text in enumerate(rows):
        groups.setdefault(-(-len(of_text) // _STEP) * _STEP, []).append(index)
    for size, members in groups.items():
        filled = np.array([rows[index] + [0] * (size - len(rows[index])) for index in members], np.intp)
        sums[members] = np.einsum("tjh->th", matrix[filled]) if size else 0
    return sums
