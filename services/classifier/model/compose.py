"""Composes labelled texts from grammars written by hand, so that rare wordings of every label are seen in training.

A grammar (data/grammar/<language>.txt) has lists: `[name]`, then alternatives divided by `|`; `{name}` inserts one,
`{name?}` one or none. A list named label/urgency/impact is a root: its texts carry these labels. Sentences of
modifiers.txt are added to complaints and change their levels (naming the regulator makes urgency high).
"""

import random
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

from rapidfuzz import fuzz, process

from services.classifier.model.dataset import NONE, Example
from services.domain.vocabulary import LANGUAGES, LEVELS

SEED: Final = 20261124
PER_ROOT: Final = 90
"""Attempts at a text for every ten alternatives of a root."""
NEAR_DUPLICATE: Final = 88.0
"""rapidfuzz ratio from which two texts of a root count as one."""
_LEVEL: Final = {"h": "high", "m": "medium", "l": "low"}
_MASKS: Final = {"[PERSON_1]": "person", "[PHONE_1]": "phonenumber"}

Lists = dict[str, list[str]]


def compose(seed: int = SEED) -> list[Example]:
    """Composed examples of all languages, near duplicates removed; the same seed gives the same list."""
    draw = random.Random(seed)  # noqa: S311  # variety, not secrecy
    modifiers = _read("modifiers")
    english = _read("en")
    examples = []
    for language in LANGUAGES[:-1]:
        lists = english | _read(language)
        for root in [name for name in _read(language) if "/" in name]:
            examples += _of_root(root, language, lists, modifiers, draw)
    return examples


def _of_root(
    root: str, language: str, lists: Lists, modifiers: Lists, draw: random.Random
) -> Iterator[Example]:
    label, urgency, impact = root.split("/")
    kept: list[str] = []
    for _ in range(max(6, len(lists[root]) * PER_ROOT // 10)):
        levels = (urgency, impact)
        text = expand(draw.choice(lists[root]), lists, draw)
        if label != NONE and draw.random() < 0.5:
            change, sentence = _modifier(language, lists, modifiers, draw)
            text = f"{text} {sentence}" if draw.random() < 0.8 else f"{sentence} {text}"
            levels = (_level(change[0], urgency), _level(change[1], impact))
        text = _finish(text, lists, draw)
        if kept and process.extractOne(text, kept, scorer=fuzz.ratio, score_cutoff=NEAR_DUPLICATE):
            continue
        kept.append(text)
        yield Example(text, label, levels[0], levels[1], language)


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


def _modifier(
    language: str, lists: Lists, modifiers: Lists, draw: random.Random
) -> tuple[tuple[str, str], str]:
    names = [name for name in modifiers if name.startswith(f"{language}/")]
    name = draw.choices(names, weights=[3.0 if name.endswith("/-/-") else 1.0 for name in names])[0]
    _, urgency, impact = name.split("/")
    return (urgency, impact), expand(draw.choice(modifiers[name]), lists, draw)


def _level(change: str, level: str) -> str:
    """The level a modifier leads to: it only ever raises one."""
    raised = _LEVEL.get(change, level)
    return min(raised, level, key=LEVELS.index)


def _finish(text: str, lists: Lists, draw: random.Random) -> str:
    """Masks as invented names and numbers half of the time; casing and punctuation as people have them."""
    for mask, name in _MASKS.items():
        if mask in text and draw.random() < 0.5:
            text = text.replace(mask, draw.choice(lists[name]))
    chance = draw.random()
    if chance < 0.12:
        text = text.lower()
    elif chance < 0.16:
        text = text.upper()
    elif chance < 0.24:
        text = text.rstrip(".?!") + draw.choice(("!!", "!!!", "??", "...", " 😡", " 😭", " 🙏", " 🤦"))
    elif chance < 0.7:
        text = text[0].upper() + text[1:]
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
