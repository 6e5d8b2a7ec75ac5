"""Reads the gazetteer's three text files into meanings of names."""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from services.domain.places.names import fold

DATA = Path(__file__).parent / "data"
_COMPASS = re.compile(r"^(.+?) (?:north|south|east|west|central)(?: (?:east|west))?$")


class Rank(IntEnum):
    """Which of several places of one name is meant when nothing else decides: the lowest."""

    STATE = 0
    AREA = 1
    """A local government area, or a town or district written down by hand."""
    PART = 2
    """A seat, an older spelling, one half of a double name."""
    WARD = 3


class Certainty(IntEnum):
    """How much a name needs around it to be read as a place."""

    SURE = 0
    WEAK = 1
    """Needs a word that places it: in, dey, ni; its state; town."""
    ORDINARY = 2
    """Also an everyday word or a personal name: needs its state beside it, or state, town, LGA after it."""


class Meaning(NamedTuple):
    """One place that a name can mean."""

    rank: Rank
    state: str
    lgas: tuple[str, ...]
    """State/LGA of each area; empty for a state."""
    certainty: Certainty
    dominant: bool = False
    """Wins over other places of its name when nothing else decides."""


class Area(NamedTuple):
    """A local government area with the middle of it, in degrees."""

    state: str
    name: str
    latitude: float
    longitude: float
    others: tuple[str, ...]
    seat: str
    wards: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """State/LGA."""
        return f"{self.state}/{self.name}"


def areas() -> list[Area]:
    """The 774 areas of data/areas.txt."""
    rows = []
    for line in _lines("areas.txt"):
        state, name, latitude, longitude, others, seat, wards = line.split("\t")
        rows.append(Area(state, name, float(latitude), float(longitude), _split(others, ";"), seat, _split(wards, ";")))
    return rows


def ordinary() -> tuple[dict[str, Certainty], frozenset[str]]:
    """Names that are also everyday words, with what is left of their certainty; phrases that mean no place."""
    names: dict[str, Certainty] = {}
    phrases: set[str] = set()
    for line in _lines("ordinary.txt"):
        if line.startswith("="):
            phrases.update(fold(phrase) for phrase in line[1:].split(","))
            continue
        for raw in line.split(","):
            certainty = Certainty.WEAK if raw.rstrip().endswith("?") else Certainty.ORDINARY
            names[fold(raw)] = max(certainty, names.get(fold(raw), certainty))
    return names, frozenset(phrases)


def meanings(known: Iterable[Area]) -> dict[str, list[Meaning]]:
    """Every folded name with the places it can mean."""
    known = list(known)
    everyday, phrases = ordinary()
    out: dict[str, list[Meaning]] = {}
    for name, meaning in [*_by_hand({area.full_name for area in known}), *_official(known)]:
        if name in phrases:
            continue
        ordinary_as = everyday.get(name, Certainty.SURE)
        if meaning.rank is Rank.WARD and ordinary_as is Certainty.ORDINARY:
            continue  # a ward called Market or Hospital tells nothing
        meaning = meaning._replace(certainty=max(meaning.certainty, ordinary_as))
        same = out.setdefault(name, [])
        if all((other.state, other.lgas) != (meaning.state, meaning.lgas) for other in same):
            same.append(meaning)
    return out


def _by_hand(known: set[str]) -> Iterator[tuple[str, Meaning]]:
    for line in _lines("towns.txt"):
        place, _, names = line.partition(":")
        state, _, quarters = place.partition("/")
        lgas = tuple(f"{state}/{area}" for area in quarters.split("+")) if quarters else ()
        unknown = [lga for lga in lgas if lga not in known]
        if unknown:
            raise ValueError(f"towns.txt: no area {unknown[0]}; see areas.txt for the names")
        for raw in names.split(","):
            sure = Certainty.WEAK if raw.rstrip().endswith("?") else Certainty.SURE
            rank = Rank.AREA if lgas else Rank.STATE
            yield fold(raw), Meaning(rank, state, lgas, sure, raw.rstrip().endswith("!"))


def _official(known: list[Area]) -> Iterator[tuple[str, Meaning]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for area in known:
        lgas = (area.full_name,)
        name = fold(area.name)
        yield name, Meaning(Rank.AREA, area.state, lgas, _by_length(name, 5))
        for other in (*area.others, area.seat):
            if other:
                yield other, Meaning(Rank.PART, area.state, lgas, _by_length(other, 5))
        for ward in area.wards:
            sure = Certainty.WEAK if " " in ward or len(ward) >= 6 else Certainty.ORDINARY
            yield ward, Meaning(Rank.WARD, area.state, lgas, sure)
        if quarter := _COMPASS.match(name):
            groups.setdefault((area.state, quarter[1]), []).append(area.full_name)
    states = {area.state for area in known}
    for state in states:
        yield fold(state), Meaning(Rank.STATE, state, (), Certainty.SURE)
    folded = {fold(state) for state in states}
    for (state, name), lgas_of in groups.items():
        if len(lgas_of) > 1 and name not in folded:
            yield name, Meaning(Rank.PART, state, tuple(lgas_of), _by_length(name, 5))


def _by_length(name: str, sure_from: int) -> Certainty:
    return Certainty.SURE if " " in name or len(name) >= sure_from else Certainty.WEAK


def _lines(name: str) -> Iterator[str]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(text.split(separator)) if text else ()
