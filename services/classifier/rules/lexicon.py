"""Concepts of telecom complaints (`net_none`, `deduct`, `regulator`, ...) found in normalised tokens.

The lexicon is plain text under rules/lexicon: `[concept]` headings, one word or phrase a line, in any of the five
languages and any spelling; a trailing `*` matches any ending. A heading such as `[slow!]` marks a problem: a complaint
shows one of these, as a rule. All phrases are searched at once (Aho-Corasick).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from ahocorasick_rs import AhoCorasick

from services.classifier.rules.tokens import name, names, tokenize

_SHORT: Final = 5  # words

DERIVED: Final = ("no_problem", "problem_asked", "question_only", "praise_only", "short")
"""What a text shows as a whole: no problem at all, a question with or without one, praise alone, few words."""


class Lexicon:
    """Phrases of every concept and the automaton that finds them."""

    def __init__(self, entries: Iterable[tuple[str, str]], problems: Iterable[str] = ()) -> None:
        by_pattern: dict[str, set[str]] = {}
        for concept, phrase in entries:
            pattern = _pattern(phrase)
            if pattern.strip():
                by_pattern.setdefault(pattern, set()).add(concept)
        self.concepts: tuple[str, ...] = (*sorted(set().union(*by_pattern.values())), *DERIVED)
        """Names of all concepts: those of the lexicon sorted, then the derived ones."""
        code = {concept: index for index, concept in enumerate(self.concepts)}
        self.patterns: tuple[str, ...] = tuple(by_pattern)
        self.words: frozenset[str] = frozenset(word for pattern in by_pattern for word in pattern.split())
        """Words of all phrases: none of them is a name or a number, so they may be shown as evidence."""
        self._codes = [tuple(sorted(code[concept] for concept in by_pattern[item])) for item in self.patterns]
        self._problems = frozenset(code[concept] for concept in problems)
        self._code = code
        self._asked = frozenset(code[concept] for concept in ("question",) if concept in code)
        self._pleased = frozenset(code[concept] for concept in ("praise", "thanks") if concept in code)
        self._automaton = AhoCorasick(self.patterns, store_patterns=False)

    def find(self, named: Sequence[str]) -> dict[int, int]:
        """Concepts in normalised tokens: index into `concepts` to index into `patterns` of the first evidence.

        Derived concepts have -1 for evidence. Ascending order of concepts.
        """
        text = f" {' '.join(named)} "
        codes = self._codes
        matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
        evidence = {code: pattern for pattern, _, _ in reversed(matches) for code in codes[pattern]}
        found = {code: evidence[code] for code in sorted(evidence)}
        for concept in self._derived(named, found):
            found[self._code[concept]] = -1
        return found

    def _derived(self, named: Sequence[str], found: Mapping[int, int]) -> Iterator[str]:
        troubled = not self._problems.isdisjoint(found)
        asked = not self._asked.isdisjoint(found) or "?" in named
        if not troubled:
            yield "no_problem"
            if asked:
                yield "question_only"
            if not self._pleased.isdisjoint(found):
                yield "praise_only"
        elif asked:
            yield "problem_asked"
        if len(named) < _SHORT:
            yield "short"

    def find_in(self, text: str) -> dict[str, str]:
        """Concepts in a text, each with the phrase that shows it.

        >>> sorted(lexicon().find_in("I will report you to NCC"))[-1]
        'regulator'
        """
        found = self.find(names(tokenize(text)))
        return {self.concepts[code]: self.evidence(pattern) for code, pattern in found.items()}

    def evidence(self, pattern: int) -> str:
        """The phrase of a pattern's index; "" of a derived concept."""
        return self.patterns[pattern].strip() if pattern >= 0 else ""


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    entries: list[tuple[str, str]] = []
    problems: set[str] = set()
    concept = ""
    folder = files("services.classifier.rules").joinpath("lexicon")
    for page in sorted(folder.iterdir(), key=lambda item: item.name):
        for line in page.read_text(encoding="utf-8").splitlines():
            phrase = line.strip()
            if phrase.startswith("[") and phrase.endswith("]"):
                concept = phrase[1:-1].rstrip("!")
                if phrase.endswith("!]"):
                    problems.add(concept)
            elif phrase and not phrase.startswith("#"):
                entries.append((concept, phrase))
    return Lexicon(entries, problems)


def _pattern(phrase: str) -> str:
    open_ended = phrase.endswith("*")
    words = []
    for word in phrase.rstrip("*").split():
        words += [word] if word.startswith("<") else [name(token) for token in tokenize(word)]
    return " " + " ".join(words) + ("" if open_ended else " ")
