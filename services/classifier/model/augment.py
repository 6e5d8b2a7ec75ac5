"""Variants of hand-written examples: with a sentence that people add, and in the spelling of hurried thumbs."""

import random
from collections.abc import Iterable

from services.classifier.model.compose import Composer
from services.classifier.model.dataset import Example
from services.classifier.rules.tokens import spellings

_TYPO_CHANCE = 0.12


def variants(examples: Iterable[Example], seed: int, each: int = 2) -> list[Example]:
    """`each` variants of every example; the same seed gives the same list."""
    draw = random.Random(seed)  # noqa: S311  # variety, not secrecy
    composer = Composer(draw)
    hurried: dict[str, list[str]] = {}
    for variant, usual in spellings().items():
        hurried.setdefault(usual, []).append(variant)
    made = []
    for example in examples:
        for number in range(each):
            varied = composer.with_modifier(example) if number % 2 == 0 else example
            made.append(_hurried(varied, hurried, draw) if draw.random() < 0.6 else varied)
    return made


def _hurried(example: Example, hurried: dict[str, list[str]], draw: random.Random) -> Example:
    words = []
    for word in example.text.split():
        plain = word.lower()
        if plain in hurried and draw.random() < 0.5:
            words.append(draw.choice(hurried[plain]))
        elif len(plain) > 4 and plain.isascii() and plain.isalpha() and draw.random() < _TYPO_CHANCE:
            words.append(_typo(plain, draw))
        else:
            words.append(word)
    return Example(" ".join(words), example.label, example.urgency, example.impact, example.language)


def _typo(word: str, draw: random.Random) -> str:
    """One letter dropped, two exchanged, or the inner vowels gone."""
    kind = draw.random()
    at = draw.randrange(1, len(word) - 1)
    if kind < 0.4:
        return word[:at] + word[at + 1 :]
    if kind < 0.7:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[0] + "".join(char for char in word[1:-1] if char not in "aeiou") + word[-1]
