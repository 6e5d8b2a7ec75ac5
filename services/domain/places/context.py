"""What the words beside a name say: that a place follows, that it is a person or a street, that it is left behind."""

from enum import IntEnum
from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Cue(IntEnum):
    """How strongly the word before a name announces a place."""

    NONE = 0
    SOFT = 1
    """Often before a place, often not: for, dey, ni, a, na."""
    STRONG = 2
    """Hardly before anything else: in, at, around, garin, ilu, obodo."""


_STRONG: Final = _set(
    "in at around inside within near across throughout entire whole outside "  # English, Pidgin
    "ilu agbegbe nilu nigboro ilue l adugbo "  # Yoruba
    "garin unguwar ungwan unguwan anguwar anguwan cikin jihar yankin birnin jahar "  # Hausa
    "obodo ime mpaghara steeti"  # Igbo
)
_SOFT: Final = _set(
    "for from dey to of stay stays live lives living reside residing based reach here "
    "ni lati si n ti a daga nan zuwa ta ga na ndi onye"
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


def cue(before: str) -> Cue:
    """How strongly the folded word before a name announces a place.

    >>> cue("in"), cue("dey"), cue("my")
    (<Cue.STRONG: 2>, <Cue.SOFT: 1>, <Cue.NONE: 0>)
    """
    if before in _STRONG:
        return Cue.STRONG
    return Cue.SOFT if before in _SOFT else Cue.NONE


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
