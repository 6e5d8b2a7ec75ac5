"""Composes labelled texts from grammars written by hand, so that rare wordings of every label are seen in training.

A grammar (data/grammar/<language>.txt) has lists: `[name]`, then alternatives divided by `|`; `{name}` inserts one,
`{name?}` one or none. A list named label/urgency/impact is a root: its texts carry these labels. Sentences of
modifiers.txt are added to complaints and change their levels (naming the regulator makes urgency high).
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Final

from rapidfuzz import fuzz, process

from services.classifier.model.dataset import Example
from services.domain.vocabulary import LANGUAGES, LEVELS

SEED: Final = 20261124
PER_ROOT: Final = 90
"""Attempts at a text for every ten alternatives of a root."""
NEAR_DUPLICATE: Final = 88.0
"""rapidfuzz ratio from which two texts of a root count as one."""
_LEVEL: Final = {"h": "high", "m": "medium", "l": "low"}
_MASKS: Final = {"[PERSON_1]": "person", "[PHONE_1]": "phonenumber"}

_NEUTRAL: Final = "/-/-"

Lists = dict[str, list[str]]


def compose(seed: int = SEED) -> list[Example]:
    """Composed examples of all languages, near duplicates removed; the same seed gives the same list."""
    composer = Composer(random.Random(seed))  # noqa: S311  # variety, not secrecy
    return [example for language in LANGUAGES[:-1] for example in composer.of_language(language)]


class Composer:
    """The grammars, and the draws made from them."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._modifiers = _read("modifiers")
        self._own = {language: _read(language) for language in LANGUAGES[:-1]}
        self._lists = {language: self._own["en"] | own for language, own in self._own.items()}

    def of_language(self, language: str) -> Iterator[Example]:
        """Texts of every root of one language."""
        for root in [name for name in self._own[language] if "/" in name]:
            yield from self._of_root(root, language)

    def speaks(self, language: str | None) -> bool:
        """Whether there is a grammar of this language."""
        return language in self._own

    def with_modifier(self, example: Example) -> Example:
        """A complaint with one more sentence, and the levels that follow; any other text unchanged."""
        if not example.is_complaint:
            return example
        names = [name for name in self._modifiers if name.startswith(f"{example.language}/")]
        weights = [3.0 if name.endswith(_NEUTRAL) else 1.0 for name in names]
        return self._extended(example, self._draw.choices(names, weights)[0])

    def introduced(self, example: Example) -> Example:
        """Any text with one more sentence that leaves its levels as they are: who writes, and how to reach them."""
        return self._extended(example, f"{example.language}{_NEUTRAL}")

    def _extended(self, example: Example, modifier: str) -> Example:
        _, urgency, impact = modifier.split("/")
        lists = self._lists[example.language or "en"]
        pattern = self._draw.choice(self._modifiers[modifier])
        sentence = _finish(expand(pattern, lists, self._draw), lists, self._draw)
        parts = (example.text, sentence) if self._draw.random() < 0.8 else (sentence, example.text)
        return replace(
            example,
            text=" ".join(parts),
            urgency=_raised(urgency, example.urgency),
            impact=_raised(impact, example.impact),
        )

    def _of_root(self, root: str, language: str) -> Iterator[Example]:
        label, urgency, impact = root.split("/")
        lists = self._lists[language]
        kept: list[str] = []
        for _ in range(max(6, len(lists[root]) * PER_ROOT // 10)):
            text = _cased(expand(self._draw.choice(lists[root]), lists, self._draw), self._draw)
            example = Example(text, label, urgency, impact, language)
            if self._draw.random() < 0.5:
                example = self.with_modifier(example)
            if kept and process.extractOne(example.text, kept, scorer=fuzz.ratio, score_cutoff=NEAR_DUPLICATE):
                continue
            kept.append(example.text)
            yield example


def expand(pattern: str, lists: Mapping[str, list[str]], draw: random.Random) -> str:
    """One text of a pattern.

    >>> expand("no {what} {when?}", {"what": ["network"], "when": ["today"]}, random.Random(1)).startswith("no network")
    True
    """
    while (start := pattern.find("{")) >= 0:
        end = pattern.index("}", start)
        name = pattern[start + 1 : end]
        optional = name.endswith("?")
        chosen = "" if optional and draw.random() < 0.5 else draw.choice(lists[name.rstrip("?")])
        pattern = f"{pattern[:start]}{chosen}{pattern[end + 1 :]}"
    return " ".join(pattern.split())


def _raised(change: str, level: str | None) -> str | None:
    """The level a modifier leads to: it only ever raises one."""
    if level is None:
        return None
    return min(_LEVEL.get(change, level), level, key=LEVELS.index)


def _finish(text: str, lists: Lists, draw: random.Random) -> str:
    """Masks as invented names and numbers half of the time."""
    for mask, name in _MASKS.items():
        if mask in text and draw.random() < 0.5:
            text = text.replace(mask, draw.choice(lists[name]))
    return text


def _cased(text: str, draw: random.Random) -> str:
    """Casing and punctuation as people have them."""
    chance = draw.random()
    if chance < 0.12:
        return text.lower()
    if chance < 0.16:
        return text.upper()
    if chance < 0.24:
        return text.rstrip(".?!") + draw.choice(("!!", "!!!", "??", "...", " 😡", " 😭", " 🙏", " 🤦"))
    if chance < 0.7:
        return text[0].upper() + text[1:]
    return text


def _read(name: str) -> Lists:
    lists: Lists = {}
    current: list[str] = []
    text = files("services.classifier.data").joinpath(f"grammar/{name}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            current = lists.setdefault(line[1:-1], [])
        elif line.strip() and not line.startswith("#"):
            current += line.split("|")
    return lists
