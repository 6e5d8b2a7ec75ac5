"""Concepts of telecom complaints (`net_none`, `deduct`, `regulator`, ...) found in normalised tokens.

The lexicon is plain text under rules/lexicon: `[concept]` headings, one word or phrase a line, in any of the five
languages and any spelling; a trailing `*` matches any ending. All phrases are searched at once (Aho-Corasick).
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick

from services.classifier.rules.tokens import name, names, tokenize


class Lexicon:
    """Phrases of every concept and the automaton that finds them."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        by_pattern: dict[str, set[str]] = {}
        for concept, phrase in entries:
            pattern = _pattern(phrase)
            if pattern.strip():
                by_pattern.setdefault(pattern, set()).add(concept)
        self.concepts: tuple[str, ...] = tuple(sorted(set().union(*by_pattern.values())))
        """Names of all concepts, sorted."""
        code = {concept: index for index, concept in enumerate(self.concepts)}
        self.patterns: tuple[str, ...] = tuple(by_pattern)
        self._codes = [tuple(sorted(code[concept] for concept in by_pattern[item])) for item in self.patterns]
        self._automaton = AhoCorasick(self.patterns, store_patterns=False)

    def find(self, named: Sequence[str]) -> dict[int, int]:
        """Concepts in normalised tokens: index into `concepts` to index into `patterns` of the first evidence."""
        found: dict[int, int] = {}
        text = f" {' '.join(named)} "
        codes = self._codes
        for pattern, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for code in codes[pattern]:
                if code not in found:
                    found[code] = pattern
        return found

    def find_in(self, text: str) -> dict[str, str]:
        """Concepts in a text, each with the phrase that shows it.

        >>> sorted(lexicon().find_in("I will report you to NCC"))[-1]
        'regulator'
        """
        found = self.find(names(tokenize(text)))
        return {self.concepts[code]: self.patterns[pattern].strip() for code, pattern in found.items()}


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    return Lexicon(_entries())


def _entries() -> Iterable[tuple[str, str]]:
    folder = files("services.classifier.rules").joinpath("lexicon")
    for page in sorted(folder.iterdir(), key=lambda item: item.name):
        concept = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            phrase = line.strip()
            if phrase.startswith("[") and phrase.endswith("]"):
                concept = phrase[1:-1]
            elif phrase and not phrase.startswith("#"):
                yield concept, phrase


def _pattern(phrase: str) -> str:
    open_ended = phrase.endswith("*")
    words = []
    for word in phrase.rstrip("*").split():
        words += [word] if word.startswith("<") else [name(token) for token in tokenize(word)]
    return " " + " ".join(words) + ("" if open_ended else " ")
