"""Vocabulary of the training texts, and texts as sparse rows over it (training only; needs scipy)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from scipy.sparse import csr_matrix

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


@dataclass(frozen=True)
class Vocabulary:
    """Features that the model has a row for, in the order of the rows."""

    words: dict[str, int]
    grams: dict[str, int]
    bigrams: dict[tuple[str, str], int]
    concepts: dict[int, int]
    pairs: dict[tuple[int, int], int]
    idf: dict[str, float]
    unknown_idf: float
    size: int


def vocabulary(
    texts: Sequence[Features],
    word_texts: int = 2,
    gram_words: int = 2,
    bigram_texts: int = 3,
    pair_texts: int = 4,
) -> Vocabulary:
    """Words, bigrams and pairs that occur in so many texts, n-grams of so many different words."""
    count = len(texts)
    in_texts = Counter(word for text in texts for word in text.words)
    of_words = Counter(gram for word in in_texts for gram in set(grams(word)))
    in_bigrams = Counter(pair for text in texts for pair in text.bigrams())
    in_pairs = Counter(pair for text in texts for pair in text.pairs())
    known = sorted(word for word, number in in_texts.items() if number >= word_texts)
    start = 0

    def rows(names: Iterable[object]) -> dict[object, int]:
        nonlocal start
        table = {name: row for row, name in enumerate(names, start)}
        start += len(table)
        return table

    return Vocabulary(
        words=rows(known),  # type: ignore[arg-type]
        grams=rows(sorted(gram for gram, number in of_words.items() if number >= gram_words)),  # type: ignore[arg-type]
        bigrams=rows(sorted(pair for pair, number in in_bigrams.items() if number >= bigram_texts)),  # type: ignore[arg-type]
        concepts=rows(range(len(lexicon().concepts))),  # type: ignore[arg-type]
        pairs=rows(sorted(pair for pair, number in in_pairs.items() if number >= pair_texts)),  # type: ignore[arg-type]
        idf={word: _idf(count, in_texts[word]) for word in known},
        unknown_idf=_idf(count, 1),
        size=start,
    )


def _idf(texts: int, containing: int) -> float:
    return log((1 + texts) / (1 + containing)) + 1


def matrix(texts: Sequence[Features], known: Vocabulary) -> csr_matrix:
    """Texts as rows of feature values; inference computes the same product from per-word sums."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    of_word: dict[str, list[tuple[int, float]]] = {}
    for row, text in enumerate(texts):
        cells: dict[int, float] = {}
        weight = 0.0
        for word in text.words:
            idf = known.idf.get(word, known.unknown_idf * UNKNOWN_SHARE)
            weight += idf * idf
            if word not in of_word:
                of_word[word] = _word_cells(word, idf, known)
            for column, value in of_word[word]:
                cells[column] = cells.get(column, 0.0) + value
        for pair in text.bigrams():
            column_of_pair = known.bigrams.get(pair)
            if column_of_pair is not None:
                cells[column_of_pair] = BIGRAM_SHARE * known.unknown_idf
        scale = 1 / sqrt(weight) if weight else 0.0
        cells = {column: value * scale for column, value in cells.items()}
        for concept in text.concepts:
            cells[known.concepts[concept]] = CONCEPT_VALUE
        for both in text.pairs():
            column_of_both = known.pairs.get(both)
            if column_of_both is not None:
                cells[column_of_both] = PAIR_VALUE
        rows += [row] * len(cells)
        columns += cells
        values += cells.values()
    shape = (len(texts), known.size)
    return csr_matrix((np.array(values, np.float64), (rows, columns)), shape=shape)


def _word_cells(word: str, idf: float, known: Vocabulary) -> list[tuple[int, float]]:
    cells = Counter[int]()
    parts = grams(word)
    share = GRAM_SHARE * idf / sqrt(len(parts)) if parts else 0.0
    for gram in parts:
        column = known.grams.get(gram)
        if column is not None:
            cells[column] += share  # type: ignore[assignment]
    if word in known.words:
        cells[known.words[word]] += idf  # type: ignore[assignment]
    return list(cells.items())
