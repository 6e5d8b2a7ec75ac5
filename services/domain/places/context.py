"""What the words beside a name say: that a place follows, that it is a person or a street, that it is left behind."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Cue(IntEnum):
    """How strongly the word before a name announces a place."""

    NONE = 0
    NATIVE = 1
    """A particle of Yoruba, Hausa or Igbo that stands before places and before most other things: ni, a, na."""
    SOFT = 2
    """Often before a place, in English and Pidgin: for, dey, from; or clearly a "from" of another language."""
    STRONG = 3
    """Hardly before anything else: in, at, around, garin, ilu, obodo."""


_STRONG: Final = _set(
    "in at around inside within near across throughout entire whole outside "  # English, Pidgin
    "after before between behind beside opposite toward towards beyond "
    "ilu agbegbe nilu nigboro adugbo "  # Yoruba
    "garin unguwar ungwan unguwan anguwar anguwan cikin jihar yankin birnin jahar "  # Hausa
    "obodo ime mpaghara steeti"  # Igbo
)
_SOFT: Final = _set(
    "for from dey to of stay stays live lives living reside residing based reach here lati daga zuwa ndi mutanen awon"
)
_NATIVE: Final = _set("ni l si n ti a nan ta ga na onye mu muna")
_SERVICE: Final = _set(
    "network netwok netwoki netiwoki intanet intaneti internet data sabis signal service layi line netwook ntwork"
)
_ENGLISH: Final = _set(
    "the is are has have had been no not and my your since please we our you they there this it was with dey don una "
    "abeg get still very can cannot again any all wey fit am e no be on"
)
_TITLES: Final = _set(
    "mr mrs miss ms master dr prof professor chief alhaji alhaja alh hajia hajiya mallam malam engr barr barrister "
    "pastor rev reverend bishop imam sir madam mama baba papa iya oga aunty auntie uncle bro brother sis sister prince "
    "princess comrade hon honourable senator lady elder deacon evangelist apostle prophet otunba nze ichie igwe "
    "gen general col capt sgt inspector justice ambassador ogbeni arabinrin named called by"
)
_STREETS: Final = _set(
    "street str st road rd crescent cres close avenue ave way drive lane expressway express bypass highway "
    "roads streets titi"
)
_LEFT: Final = _set("from left leaving unlike than daga lati not")
_AREA_AFTER: Final = _set(
    "lga lg lcda town city local axis metropolis environs municipal township village community area state "
    "side division neighbourhood zone district gra quarters layout estate junction roundabout market"
)
_CERTAIN_AFTER: Final = _set("lga lg lcda town local axis metropolis environs municipal state city")


def cue(before: str, before_that: str = "") -> Cue:
    """How strongly the folded words before a name announce a place.

    >>> cue("in").name, cue("dey").name, cue("ni").name, cue("ni", "network").name, cue("my").name
    ('STRONG', 'SOFT', 'NATIVE', 'SOFT', 'NONE')
    """
    if before in _STRONG:
        return Cue.STRONG
    if before in _SOFT or (before in _NATIVE and before_that in _SERVICE):
        return Cue.SOFT
    return Cue.NATIVE if before in _NATIVE else Cue.NONE


def is_english(folded_words: Iterable[str]) -> bool:
    """Whether a text has enough English or Pidgin in it for "in" to be the English one."""
    return len(_ENGLISH.intersection(folded_words)) >= 2


def is_person(before: str, before_that: str) -> bool:
    """Whether the words before a name announce a person: Mr, Alhaji, "my name is"."""
    return before in _TITLES or (before_that == "name" and before in ("is", "na"))


def is_street(after: str) -> bool:
    """Whether the word after a name makes it a street: Ikorodu Road runs through four areas, none of them Ikorodu."""
    return after in _STREETS


def is_left_behind(before: str) -> bool:
    """Whether the place is where somebody comes from, or what another is compared with."""
    return before in _LEFT


def makes_area(after: str) -> bool:
    """Whether the word after a name makes it an area: Ogba axis, Berger junction."""
    return after in _AREA_AFTER


def makes_area_surely(after: str) -> bool:
    """The same, even of an everyday word: Song LGA, Ore town."""
    return after in _CERTAIN_AFTER
