"""Trains the language identifier from the templates and the word lists of the repository."""

import math
import re
from collections import Counter

from services.cleaner.masking.language import LANGUAGES
from services.cleaner.masking.tokens import fold_word, tokens_of
from services.cleaner.masking.training.corpus import SETS, read_lines, read_lists, read_words

_SLOT = re.compile(r"\{[A-Z]+\}|[()|]")
_PROBLEMS = {"en": ("PROBLEM", "PROBLEMN"), "pcm": ("PCM",), "yo": ("YO",), "ha": ("HA",), "ig": ("IG",)}
_LISTED = 4
_SMOOTHING = 0.5
_MOST = 5.0


def language_votes() -> dict[str, tuple[float, ...]]:
    """Feature to its votes: log odds against the mean of the languages, bounded."""
    words: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    slots = read_lists("slots.txt")
    for language in LANGUAGES:
        lines = [line for name in SETS if name.endswith(f"_{language}") for line in read_lines(f"{name}.txt")]
        lines += [line for name in _PROBLEMS[language] for line in slots[name]]
        for line in lines:
            words[language].update({t.lower() for t in tokens_of(_SLOT.sub(" ", line)) if t[0].isalpha()})
    for language, listed in read_words().items():
        if language in words:
            words[language].update({word.lower(): _LISTED for word in listed})
    for counts in words.values():
        counts.update({fold_word(w): n for w, n in counts.items() if not w.isascii()})
    letters: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for language, counts in words.items():
        for word in counts:
            padded = f"^{word}$"
            letters[language].update(padded[i : i + 3] for i in range(len(padded) - 2))
    votes = _odds(words, {language: sum(counts.values()) for language, counts in words.items()})
    odds = _odds(letters, {language: sum(counts.values()) for language, counts in letters.items()})
    votes.update({"\x01" + letters: values for letters, values in odds.items()})
    return votes


def _odds(counts: dict[str, Counter[str]], totals: dict[str, int]) -> dict[str, tuple[float, ...]]:
    features = {feature for counter in counts.values() for feature in counter}
    smallest = min(totals.values())
    found: dict[str, tuple[float, ...]] = {}
    for feature in features:
        logs = [math.log(counts[lang][feature] * smallest / totals[lang] + _SMOOTHING) for lang in LANGUAGES]
        mean = sum(logs) / len(logs)
        found[feature] = tuple(round(max(-_MOST, min(_MOST, value - mean)), 2) for value in logs)
    return found
