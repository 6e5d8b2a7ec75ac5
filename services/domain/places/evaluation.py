"""Precision and recall of places on texts that somebody has read."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from services.domain.places.gazetteer import Gazetteer


class Case(NamedTuple):
    """A text with the place that a reader gave it."""

    part: str
    language: str
    text: str
    state: str | None
    area: str | None


class Rates(NamedTuple):
    """Of what was found, how much was right; of what was there, how much was found."""

    precision: float
    recall: float


class Score(NamedTuple):
    """The result over a file."""

    texts: int
    state: Rates
    area: Rates
    wrong: tuple[Case, ...]


def read(path: Path) -> Iterator[Case]:
    """Cases of a file: language, text, state, area, tab-separated, "-" for none; "# held out" begins a part."""
    part = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line == "# held out":
            part = "held out"
        elif line and not line.startswith("#"):
            language, text, state, area = line.split("\t")
            yield Case(part, language, text, None if state == "-" else state, None if area == "-" else area)


def score(cases: Iterable[Case]) -> Score:
    """Resolve each text and count. An area counts as right only in the right state."""
    gazetteer = Gazetteer.load()
    states = _Count()
    areas = _Count()
    wrong = []
    number = 0
    for case in cases:
        number += 1
        place = gazetteer.resolve(case.text)
        right = states.take(case.state, place.state)
        full = f"{case.state}/{case.area}" if case.area else None
        right &= areas.take(full, f"{place.state}/{place.lga}" if place.lga else None)
        if not right:
            wrong.append(case)
    return Score(number, states.rates(), areas.rates(), tuple(wrong))


class _Count:
    def __init__(self) -> None:
        self.right = self.found = self.there = 0

    def take(self, wanted: str | None, got: str | None) -> bool:
        self.right += got is not None and got == wanted
        self.found += got is not None
        self.there += wanted is not None
        return got == wanted

    def rates(self) -> Rates:
        return Rates(self.right / max(1, self.found), self.right / max(1, self.there))
