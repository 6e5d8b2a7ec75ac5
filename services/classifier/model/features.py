"""From a text to what the model weighs: words with their letters, word pairs, concepts, concept pairs.

A text's value is a sum over its distinct words (each word: itself, and its character n-grams, which carry spellings
that were never seen), over its word bigrams, and over concepts of the lexicon, alone and in pairs. Everything a word
contributes depends on the word alone, so inference can remember it per word.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from services.classifier.rules.lexicon import lexicon
from services.classifier.rules.tokens import names, tokenize

GRAM_SIZES = (2, 3, 4, 5)
GRAM_SHARE = 0.9
"""Weight of all character n-grams of a word together, relative to the word itself."""
UNKNOWN_SHARE = 0.6
"""Weight of a word that training never saw, relative to the rarest that it saw: most are names and places."""
BIGRAM_SHARE = 0.7
CONCEPT_VALUE = 0.27
PAIR_VALUE = 0.12


@dataclass(frozen=True, slots=True)
class Features:
    """What one text consists of."""

    named: Sequence[str]
    """Normalised tokens in order."""
    words: tuple[str, ...]
    """The same without repetition."""
    concepts: dict[int, int]
    """Concept to the pattern that shows it, both as indexes of the lexicon; in ascending order of concepts."""

    def bigrams(self, known: Container[tuple[str, str]] | None = None) -> list[tuple[str, str]]:
        """Neighbouring tokens without repetition, in order; only the known ones where a collection is given."""
        found = pairwise(self.named)
        return list(dict.fromkeys(found if known is None else [pair for pair in found if pair in known]))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Concepts that occur together, the smaller first."""
        return combinations(self.concepts, 2)


def features(text: str) -> Features:
    """Features of one text."""
    return of_names(names(tokenize(text)))


def of_names(named: Sequence[str]) -> Features:
    """Features of normalised tokens."""
    return Features(named, tuple(dict.fromkeys(named)), lexicon().find(named))


def grams(word: str) -> list[str]:
    """Character n-grams of a word with its borders marked; none of a placeholder such as <amt>.

    >>> grams("no")
    ['^n', 'no', 'o$', '^no', 'no$', '^no$']
    """
    if word[0] == "<" or not word.isalpha():
        return []
    bordered = f"^{word}$"
    return [bordered[start : start + size] for size in GRAM_SIZES for start in range(len(bordered) - size + 1)]
