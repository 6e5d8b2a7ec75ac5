"""Makes labelled sentences out of templates, names and places. All of it is self-written or under a free licence.

A sentence is a list of tokens with a label each: O, P (part of a person's name) or A (part of an address).
"""

import random
import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from typing import Any, NamedTuple

from services.cleaner.masking.tokens import HIDDEN, tokens_of
from services.cleaner.masking.training.addresses import nigerian_address, world_address
from services.cleaner.masking.training.names import Names

_SLOT = re.compile(r"\{([A-Z]+)\}")
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_LABELS = {"P": "P", "F": "P", "A": "A", "WA": "A"}
SETS = {
    "complaints_en": 9,
    "complaints_pcm": 6,
    "complaints_yo": 3,
    "complaints_ha": 3,
    "complaints_ig": 3,
    "news_en": 3,
    "news_pcm": 4,
    "news_ha": 4,
    "news_ig": 4,
    "news_yo": 4,
    "world_en": 4,
}
"""Template file to its share of the sentences."""


class Sentence(NamedTuple):
    """Tokens, their labels, and the names among them that are to be unknown to the lists."""

    tokens: list[str]
    labels: list[str]
    unknown: frozenset[str]


class Corpus:
    """Draws sentences. The same seed gives the same sentences."""

    def __init__(self, seed: int, names: Names, places: Sequence[str], rare: Sequence[str]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - sentences, no secrets
        self._names = names
        self._places = places
        self._rare = rare
        self._words = {language: words for language, words in read_words().items() if language in ("yo", "ha", "ig")}
        self._slots = read_lists("slots.txt")
        self._templates = {name: read_lines(f"{name}.txt") for name in SETS}
        self._fillers: dict[str, Callable[[str], str]] = {
            "P": lambda style: names.person(self._random, style),
            "F": lambda style: names.given(self._random, style),
            "A": lambda _: nigerian_address(self._random, self._slots, self._places),
            "WA": lambda _: world_address(self._random),
            "PLACE": self._place,
            "NUM": lambda _: str(self._random.choice((2, 3, 5, 7, 10, 14, 24, 48, 30, 120))),
            "YEAR": lambda _: str(self._random.randint(1985, 2026)),
            "AMT": self._amount,
            "VOL": lambda _: self._random.choice(("1GB", "2gb", "500mb", "10GB", "1.5GB", "40 GB", "3.5gb")),
            "PHONE": lambda _: self._hidden(11),
            "ACCT": lambda _: self._hidden(10),
            "NIN": lambda _: self._hidden(11),
            "TICKET": lambda _: self._random.choice(("TKT-", "SR ", "REF", "INC")) + self._digits(6),
            "DATE": self._date,
            "EMAIL": lambda _: HIDDEN * 14,
            "H": lambda _: HIDDEN * 9,
        }

    def sentences(self, count: int) -> Iterator[Sentence]:
        """count labelled sentences, a few of them two or three templates long."""
        names, weights = list(SETS), list(SETS.values())
        for _ in range(count):
            chosen = self._random.choices(names, weights)[0]
            style = "world" if chosen == "world_en" else chosen.rpartition("_")[2]
            parts = self._random.choices((1, 2, 3), (7, 2, 1))[0]
            pieces: list[tuple[str, str]] = []
            for _ in range(parts):
                if pieces:
                    pieces.append((self._random.choice((". ", ". ", ", ", " ", "! ", ".\n")), "O"))
                pieces += self._filled(self._random.choice(self._templates[chosen]), style)
            yield self._labelled(self._cased(pieces), style)

    def _filled(self, template: str, style: str) -> list[tuple[str, str]]:
        """The template's text in pieces, each with its label."""
        template = template.replace("\\n", "\n")
        while (choice := _CHOICE.search(template)) is not None:
            template = template[: choice.start()] + self._random.choice(choice[1].split("|")) + template[choice.end() :]
        pieces: list[tuple[str, str]] = []
        at = 0
        for slot in _SLOT.finditer(template):
            pieces.append((template[at : slot.start()], "O"))
            name = slot[1]
            if name in self._fillers:
                pieces.append((self._fillers[name](style), _LABELS.get(name, "O")))
            else:
                pieces += self._filled(self._random.choice(self._slots[name]), style)
            at = slot.end()
        pieces.append((template[at:], "O"))
        return pieces

    def _cased(self, pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """As written, in lower case, in capitals, or without diacritics."""
        draw = self._random.random()
        if draw < 0.34:
            pieces = [(text.lower(), label) for text, label in pieces]
        elif draw < 0.36:
            pieces = [(text.lower() if label in "PA" else text, label) for text, label in pieces]
        elif draw < 0.41:
            pieces = [(text.upper(), label) for text, label in pieces]
        elif draw < 0.45:
            # Careless writers: capitals anywhere but on names, or on every word.
            pieces = [(string.capwords(t, " ") if label == "O" else t, label) for t, label in pieces]
        elif draw < 0.57 and pieces[0][0]:
            pieces = [(pieces[0][0][0].upper() + pieces[0][0][1:], pieces[0][1]), *pieces[1:]]
        if self._random.random() < 0.35:
            pieces = [(_bare(text), label) for text, label in pieces]
        return pieces

    def _labelled(self, pieces: list[tuple[str, str]], style: str) -> Sentence:
        # Capitals tell an unknown name; without them the lists must.
        forgotten = 0.2 if all(text.islower() for text, _ in pieces if any(c.isalpha() for c in text)) else 0.5
        tokens: list[str] = []
        labels: list[str] = []
        unknown: set[str] = set()
        for text, label in pieces:
            found = tokens_of(text)
            if label == "O":
                found = [self._strange(token, style, unknown) for token in found]
                if style in self._words and found and found[0][0].isalpha() and self._random.random() < 0.25:
                    found = [self._misspelt(self._random.choice(self._words[style])).capitalize(), *found]
            tokens += found
            labels += [label] * len(found)
            if label == "P" and self._random.random() < forgotten:
                unknown.update(found)
        return Sentence(tokens, labels, frozenset(unknown))

    def _strange(self, token: str, style: str, unknown: set[str]) -> str:
        """Now and then another word or a misspelling: texts hold more words than any list."""
        if len(token) < 4 or not token.isalpha():
            return token
        draw = self._random.random()
        if token[0].isupper():
            if draw < 0.08:
                unknown.add(token)
            return token
        if draw < 0.05:
            return self._misspelt(self._random.choice(self._words.get(style, self._rare)))
        return self._misspelt(token) if draw < 0.11 else token

    def _misspelt(self, word: str) -> str:
        """A word of the same language that nobody listed."""
        if len(word) < 4:
            return word
        at = self._random.randrange(1, len(word) - 1)
        change = self._random.choice(("", word[at] * 2, word[at + 1] + word[at - 1], "aeiou"[at % 5]))
        return word[:at] + change + word[at + 1 :]

    def _hidden(self, count: int) -> str:
        """A number as the tagger mostly sees it: found already by a recogniser; now and then not."""
        if self._random.random() < 0.85:
            return HIDDEN * count
        digits = "0" + self._digits(count - 1)
        return digits if self._random.random() < 0.6 else f"{digits[:4]} {digits[4:7]} {digits[7:]}"

    def _digits(self, count: int) -> str:
        return "".join(self._random.choices(string.digits, k=count))

    def _place(self, style: str) -> str:
        draw = self._random.random()
        if style == "world":
            return self._random.choice(self._slots["WORLDPLACE"])
        if draw < 0.35:
            return self._random.choice(self._slots["AREA"])
        return self._random.choice(self._places if draw < 0.95 else self._slots["WORLDPLACE"])

    def _amount(self, _: str) -> str:
        number = self._random.choice((50, 100, 200, 500, 1000, 1500, 2000, 5000, 10000, 42118, 320000))
        written = self._random.choice(("{}", "{}", "{:,}", "{:,}.50", "{}k")).format(number)
        return self._random.choice(("N{}", "₦{}", "{} naira", "NGN{}", "#{}", "{}")).format(written)

    def _date(self, _: str) -> str:
        day, month, year = self._random.randint(1, 28), self._random.randint(1, 12), self._random.randint(2024, 2026)
        name = self._random.choice(self._slots["MONTH"])
        return self._random.choice(
            (f"{day}/{month}/{year}", f"{day} {name} {year}", f"{name} {day}", f"{day}th {name}")
        )


def read_lines(name: str) -> list[str]:
    """The lines of a template file without remarks."""
    text = resources.files("services.cleaner.masking.training").joinpath("templates", name).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def read_lists(name: str) -> dict[str, list[str]]:
    """The lists of a file in which @NAME opens each."""
    lists: dict[str, list[str]] = {}
    for line in read_lines(name):
        if line.startswith("@"):
            current = lists.setdefault(line[1:].strip(), [])
        else:
            current.append(line)
    return lists


def read_words() -> dict[str, list[str]]:
    """Frequent words by language."""
    words: dict[str, list[str]] = {}
    for line in read_lines("../words.txt"):
        if line.startswith("@"):
            current = words.setdefault(line[1:].strip(), [])
        else:
            current += line.split()
    from faker.providers.lorem.en_US import Provider

    words["en"] += list(Provider.word_list)
    return words


def dictionary() -> list[str]:
    """English words, the most frequent first (SymSpell's list, MIT, of Google Books Ngram and SCOWL)."""
    text = resources.files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    return [line.split()[0] for line in text.splitlines() if line.strip()]


def countries() -> list[str]:
    """Names of countries (faker, MIT)."""
    from faker.providers.address.en_US import Provider

    return sorted(Provider.countries)


def nigerian_places() -> list[str]:
    """States, capitals and local government areas (naija-data, CC BY 4.0)."""
    import naija_data

    names: list[str] = []
    data: Any = naija_data
    for state in data.states():
        names += [state.name, state.capital]
    names += [area.name for area in data.lgas()]
    return sorted({unicodedata.normalize("NFC", name) for name in names if name})


def _bare(text: str) -> str:
    """Without diacritics."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
