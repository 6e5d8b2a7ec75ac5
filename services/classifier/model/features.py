"""From a text to what the linear model weighs: words with their letters, word pairs, concepts, concept pairs.

A text's value is a sum over its distinct words (each word: itself, and its character n-grams, which carry spellings
that were never seen), over its word bigrams, and over concepts of the lexicon, alone and in pairs. Everything a word
contributes depends on the word alone, so inference can remember it per word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from services.classifier.rules.lexicon import lexicon
from services.classifier.rules.tokens import name, names, tokenize

GRAM_SIZES = (2, 3, 4, 5)
GRAM_SHARE = 0.9
"""Weight of all character n-grams of a word together, relative to the word itself."""
BIGRAM_SHARE = 0.7
CONCEPT_VALUE = 0.27
PAIR_VALUE = 0.12


@dataclass(frozen=True, slots=True)
class Features:
    """What one text consists of."""

    words: tuple[str, ...]
    """Distinct normalised tokens in order."""
    bigrams: tuple[tuple[str, str], ...]
    concepts: dict[int, int]
    """Concept to the pattern that shows it, both as indexes of the lexicon."""

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Concepts that occur together, in ascending order."""
        return list(combinations(sorted(self.concepts), 2))


def features(text: str) -> Features:
    """Features of one text."""
    return of_names(names(tokenize(text)))


def of_names(named: Sequence[str]) -> Features:
    """Features of normalised tokens."""
    return Features(tuple(dict.fromkeys(named)), tuple(dict.fromkeys(pairwise(named))), lexicon().find(named))


def grams(word: str) -> list[str]:
    """Character n-grams of a word with its borders marked; none of a placeholder such as <amt>.

    >>> grams("no")
    ['^n', 'no', 'o$', '^no', 'no$', '^no$']
    """
    if word[0] == "<" or not word.isalpha():
        return []
    bordered = f"^{word}$"
    return [bordered[start : start + size] for size in GRAM_SIZES for start in range(len(bordered) - size + 1)]


__all__ = ["Features", "features", "grams", "name", "of_names"]
