"""Finds the places that texts and form fields name."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import ahocorasick_rs

from services.domain.places import context
from services.domain.places.context import Cue
from services.domain.places.fields import Fields
from services.domain.places.names import words
from services.domain.places.nearest import Nearest
from services.domain.places.place import NOWHERE, Place
from services.domain.places.sources import Certainty, Meaning, Rank, areas, meanings, ordinary


class _Mention(NamedTuple):
    name: str
    start: int
    end: int
    before: str
    after: str
    meanings: list[Meaning]


class _Choice(NamedTuple):
    mention: _Mention
    state: str
    lgas: tuple[str, ...]
    weight: float
    confidence: float


class Gazetteer:
    """The places of Nigeria: 37 states, 774 areas, their wards, and some thousand towns and districts.

    >>> Gazetteer.load().resolve("No network for Lekki since morning").lgas
    ('Lagos/Eti-Osa',)
    """

    def __init__(self) -> None:
        """Read the data files and build the automaton; some 0.1 s. Use load(), which does it once."""
        known = areas()
        self._areas = known
        self._meanings = meanings(known)
        self._everyday, self._phrases = ordinary()
        self._names = sorted(self._meanings.keys() | self._phrases)
        self._automaton = ahocorasick_rs.AhoCorasick(
            [f" {name.replace(' ', '  ')} " for name in self._names],
            matchkind=ahocorasick_rs.MatchKind.LeftmostLongest,
        )
        self._fields = Fields(known, self._meanings)
        self._nearest = Nearest(known)

    @staticmethod
    @cache
    def load() -> "Gazetteer":
        """The gazetteer of this process."""
        return Gazetteer()

    def names(self) -> frozenset[str]:
        """Folded names (see names.fold) that are places and hardly anything else: what masking must leave alone.

        Names that are also everyday words or personal names (Bello, Musa, Obi) are not among them.
        """
        return frozenset(name for name, found in self._meanings.items() if any(self._is_plain(name, m) for m in found))

    def _is_plain(self, name: str, meaning: Meaning) -> bool:
        if meaning.rank is not Rank.WARD:
            return meaning.certainty is not Certainty.ORDINARY
        parts = name.split()
        return len(parts) > 1 and not any(part in self._everyday for part in parts)

    def place_names(self) -> frozenset[str]:
        """The same as names()."""
        return self.names()

    def states(self) -> tuple[str, ...]:
        """The 36 states and FCT, sorted."""
        return tuple(sorted({area.state for area in self._areas}))

    def lgas(self) -> tuple[str, ...]:
        """All 774 areas as State/LGA, sorted."""
        return tuple(sorted(area.full_name for area in self._areas))

    def towns(self) -> tuple[tuple[str, ...], ...]:
        """The towns that lie in several areas, each as its areas (State/LGA), sorted."""
        found = {tuple(sorted(m.lgas)) for meant in self._meanings.values() for m in meant if len(m.lgas) > 1}
        return tuple(sorted(found))

    def canonical_state(self, raw: str | None) -> str | None:
        """The state that a form field means, or None.

        >>> g = Gazetteer.load()
        >>> [g.canonical_state(raw) for raw in ("lagos state", "Abuja", "PH", "Ohio")]
        ['Lagos', 'FCT', 'Rivers', None]
        """
        return self._fields.state(raw)

    def canonical_lga(self, raw: str | None, state: str | None = None) -> str | None:
        """The area that a form field means, or None; a known state narrows it.

        >>> Gazetteer.load().canonical_lga("ibeju lekki LGA", "Lagos")
        'Ibeju-Lekki'
        """
        return self._fields.lga(raw, state)

    def nearest(self, latitude: float, longitude: float) -> Place:
        """The area whose middle is nearest to a point in degrees; NOWHERE outside Nigeria.

        >>> Gazetteer.load().nearest(6.60, 3.35).state
        'Lagos'
        """
        return self._nearest(latitude, longitude)

    def resolve(self, text: str, state: str | None = None, lga: str | None = None) -> Place:
        """Where a complaint is from. Fields of a form, where given and understood, win over the text.

        >>> g = Gazetteer.load()
        >>> g.resolve("network don go for Surulere").lga, g.resolve("no service in Surulere, Oyo state").state
        ('Surulere', 'Oyo')
        """
        field_state = self._fields.state(state)
        field_lga = self._fields.lga(lga, field_state) if lga else None
        if field_lga and not field_state:
            field_state = self._fields.state_of(lga)
        mentions = list(self._mentions(text))
        if not mentions and field_state is None:
            return NOWHERE
        choices = _choose(mentions, field_state)
        if field_state is None:
            return _from_text(choices) if choices else NOWHERE
        return _with_fields(field_state, field_lga, choices)

    def _mentions(self, text: str) -> Iterator[_Mention]:
        joined = f" {'  '.join(words(text))} "
        for index, start, end in self._automaton.find_matches_as_indexes(joined):
            name = self._names[index]
            found = self._meanings.get(name)
            if found is None:
                continue
            at = joined.rfind(" ", 0, max(start - 1, 0)) + 1
            before = joined[at : start - 1] if start else ""
            after = joined[end + 1 : joined.find(" ", end + 1)] if end < len(joined) else ""
            if context.is_street(after):
                continue
            before_that = joined[joined.rfind(" ", 0, max(at - 2, 0)) + 1 : max(at - 2, 0)]
            if context.is_person(before, before_that):
                continue
            yield _Mention(name, start, end, before, after, found)


def _choose(mentions: list[_Mention], field_state: str | None) -> list[_Choice]:
    anchors = [_anchor(mention) for mention in mentions]
    choices = []
    for position, mention in enumerate(mentions):
        beside = {
            state
            for other, state in enumerate(anchors)
            if state and other != position and _gap(mention, mentions[other]) <= 1
        }
        anywhere = {state for other, state in enumerate(anchors) if state and other != position}
        if field_state:
            anywhere.add(field_state)
        if choice := _choice(mention, beside, anywhere):
            choices.append(choice)
    return choices


def _anchor(mention: _Mention) -> str | None:
    """The state that a mention surely names, without help from others."""
    sure = [m for m in mention.meanings if m.certainty is Certainty.SURE or _is_named(m, mention.after)]
    best = _best(sure)
    return best[0].state if best else None


def _is_named(meaning: Meaning, after: str) -> bool:
    if after == "state":
        return meaning.rank is Rank.STATE
    return meaning.rank is not Rank.STATE and context.makes_area_surely(after)


def _gap(one: _Mention, other: _Mention) -> int:
    """Words between two mentions, roughly: two characters of separation and some five of word each."""
    first, second = (one, other) if one.start < other.start else (other, one)
    return max(0, (second.start - first.end + 4) // 7)


def _best(found: list[Meaning]) -> list[Meaning]:
    """The meanings that win: dominant, else of the lowest rank; empty if they lie in several states."""
    if not found:
        return []
    winners = [m for m in found if m.dominant]
    if not winners:
        lowest = min(m.rank for m in found)
        winners = [m for m in found if m.rank is lowest]
    return winners if len({m.state for m in winners}) == 1 else []


def _choice(mention: _Mention, beside: set[str], anywhere: set[str]) -> _Choice | None:
    cue = context.cue(mention.before)
    allowed = [m for m in mention.meanings if _is_allowed(m, cue, mention.after, beside, anywhere)]
    for states in (beside, anywhere):
        inside = [m for m in allowed if m.state in states]
        smaller = [m for m in inside if m.rank is not Rank.STATE]
        winners = _best(smaller if states is beside and smaller else inside)
        if winners:
            break
    else:
        winners = _best(allowed)
    if not winners:
        return None
    lgas = tuple(dict.fromkeys(lga for m in winners for lga in m.lgas))
    weight = 0.4 if context.is_left_behind(mention.before) else 1.1 if cue is Cue.STRONG else 1.0
    sure = min(m.certainty for m in winners) is Certainty.SURE
    confidence = (0.95 if sure else 0.8) - (0.1 if winners[0].rank is Rank.WARD else 0.0)
    return _Choice(mention, winners[0].state, lgas, weight, confidence)


def _is_allowed(meaning: Meaning, cue: Cue, after: str, beside: set[str], anywhere: set[str]) -> bool:
    if meaning.certainty is Certainty.SURE or _is_named(meaning, after) or meaning.state in beside:
        return True
    if meaning.certainty is Certainty.ORDINARY:
        return False
    if meaning.rank is Rank.WARD:
        return cue is Cue.STRONG or (cue is Cue.SOFT and meaning.state in anywhere)
    return cue is not Cue.NONE or context.makes_area(after) or meaning.state in anywhere


def _from_text(choices: list[_Choice]) -> Place:
    weights: dict[str, float] = {}
    for choice in choices:
        weights[choice.state] = weights.get(choice.state, 0.0) + choice.weight
    state = max(weights, key=lambda name: weights[name])
    share = weights[state] / sum(weights.values())
    confidence = max(choice.confidence for choice in choices if choice.state == state)
    return Place(
        state, _one(choices, state), _all(choices), round(confidence * share**0.5, 3), tuple(map(_evidence, choices))
    )


def _with_fields(state: str, lga: str | None, choices: list[_Choice]) -> Place:
    inside = [choice for choice in choices if choice.state == state]
    evidence = [f"field: {state}/{lga}" if lga else f"field: {state}", *map(_evidence, choices)]
    confidence = 0.99 if inside else 0.7 if choices else 0.9
    if lga:
        return Place(state, lga, (f"{state}/{lga}",), confidence, tuple(evidence))
    return Place(state, _one(choices, state), _all(inside), confidence, tuple(evidence))


def _one(choices: list[_Choice], state: str) -> str | None:
    """The first single area named in the state."""
    for choice in sorted(choices, key=lambda c: -c.weight):
        if choice.state == state and len(choice.lgas) == 1:
            return choice.lgas[0].partition("/")[2]
    return None


def _all(choices: list[_Choice]) -> tuple[str, ...]:
    """Every area named; a town over several areas only where none of its state is named by itself."""
    single = {choice.state for choice in choices if len(choice.lgas) == 1}
    kept = [c for c in choices if len(c.lgas) == 1 or c.state not in single]
    return tuple(dict.fromkeys(lga for choice in kept for lga in choice.lgas))


def _evidence(choice: _Choice) -> str:
    place = choice.lgas[0] if len(choice.lgas) == 1 else choice.state
    return f"text: {choice.mention.name} is {place}"
