"""Draws addresses: Nigerian ones, in the forms of complaints, and those of other countries."""

import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_LOCALES = (
    "en_US",
    "en_US",
    "en_GB",
    "en_CA",
    "en_AU",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pt_BR",
    "sv_SE",
    "pl_PL",
    "en_IN",
)


_HOUSE_WORDS = ("ile nomba", "ojúlé", "nomba", "gida mai lamba", "gida lamba", "lamba", "layi na", "nọmba")
_STREET_WORDS = ("opopona", "adugbo", "layin", "titin", "unguwar", "okporo uzo")
_BESIDE = ("opposite", "opp", "opp.", "beside", "behind", "near", "by", "close to", "after")


def nigerian_address(draw: random.Random, slots: Mapping[str, Sequence[str]], places: Sequence[str]) -> str:
    """What locates a home: number, street, house, landmark; without the area, the LGA and the state."""
    name = draw.choice(slots["STREETNAME"])
    if draw.random() < 0.12:
        name = draw.choice(places)
    street = f"{name} {draw.choice(slots['STREETTYPE'])}"
    number = str(draw.randint(1, 199)) + draw.choice(("", "", "", "", "a", "B", "c"))
    form = draw.random()
    if form < 0.24:
        text = f"{number} {street}"
    elif form < 0.40:
        text = f"{draw.choice(('No', 'no', 'No.', 'no.', '#', 'Number', 'number'))} {number} {street}"
    elif form < 0.48:
        text = f"{number}, {street}"
    elif form < 0.57:
        text = f"{draw.choice(('Plot', 'plot', 'House', 'Block', 'Flat'))} {number} {street}"
    elif form < 0.66:
        text = f"Flat {draw.randint(1, 20)}, Block {draw.randint(1, 40)}, {draw.choice(slots['ESTATE'])} Estate"
    elif form < 0.71:
        text = f"House {draw.randint(1, 60)}, Road {draw.randint(1, 30)}, {draw.choice(slots['ESTATE'])} Estate"
    elif form < 0.76:
        room = f"{draw.choice(('Suite', 'Shop', 'Office', 'Room'))} {draw.choice('ABCDEF')}{draw.randint(1, 40)}"
        text = f"{room}, {name} {draw.choice(slots['SHOP'])}"
    elif form < 0.82:
        text = f"{number} {street} off {draw.choice(slots['STREETNAME'])} {draw.choice(slots['STREETTYPE'])}"
    elif form < 0.86:
        text = f"{draw.choice(_HOUSE_WORDS)} {number}, {draw.choice(_STREET_WORDS)} {name}"
    elif form < 0.88:
        ordinal = draw.choice(("1st", "2nd", "3rd", "4th", "5th", "First", "Second", "Third", "7th"))
        road = f"{ordinal} {draw.choice(('Avenue', 'Road', 'Street', 'Close', 'Gate'))}"
        text = f"{draw.choice(('House', 'Plot', 'No', 'Block'))} {number}, {road}"
        if draw.random() < 0.6:
            text += f", {draw.choice(slots['ESTATE'])} Estate"
    elif form < 0.91:
        text = f"Block {draw.randint(1, 40)}, Flat {draw.randint(1, 20)}, {draw.choice(slots['ESTATE'])} Estate"
    else:
        text = f"{number} {street}"
    if draw.random() < 0.14:
        text += f"{draw.choice((', ', ' '))}{draw.choice(_BESIDE)} {draw.choice(slots['LANDMARK'])}"
    return text


_STATES = ("NSW", "Queensland", "Victoria", "TX", "CA", "NY", "Ohio", "Bretagne", "Bayern", "ON", "BC", "FL", "Tirol")


def world_address(draw: random.Random) -> str:
    """An address from elsewhere, on one or several lines."""
    maker = _maker(draw.choice(_LOCALES))
    maker.seed_instance(draw.randrange(1 << 30))
    text = str(maker.address())
    form = draw.random()
    if form < 0.45:
        return text.replace("\n", draw.choice((", ", ", ", " ")))
    if form < 0.6:
        return str(maker.street_address()).replace("\n", ", ")
    if form < 0.8:
        street = str(maker.street_address()).replace("\n", ", ")
        city, code = str(maker.city()), str(maker.postcode())
        state = draw.choice(_STATES)
        country = draw.choice(("", "", "Australia", "France", "USA", "Germany", "Austria", "Norway"))
        return draw.choice(
            (
                f"{street}, {city}, {state} {code} {country}",
                f"{street} {city.upper()} {state} {code} {country}",
                f"{street} {city} {state} {code}",
                f"{street}\n{city}\n{state} {code}",
                f"{street}\n{city} {code}\n{country}",
                f"{street}, {city}, {state}",
            )
        ).strip()
    if form < 0.83:
        return f"P.O. Box {draw.randint(1, 9999)}"
    return text


@lru_cache(maxsize=32)
def _maker(locale: str) -> Any:
    from faker import Faker

    return Faker(locale)
