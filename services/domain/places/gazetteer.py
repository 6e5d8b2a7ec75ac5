"""Finds the places that texts and form fields name."""

from functools import cache

import ahocorasick_rs

from services.domain.places import choices
from services.domain.places.choices import Choice
from services.domain.places.fields import Fields
from services.domain.places.mentions import SHORT, Mention, Words, is_no_place
from services.domain.places.names import words
from services.domain.places.nearest import Nearest
from services.domain.places.place import NOWHERE, Place
from services.domain.places.sources import Certainty, Meaning, Rank, areas, meanings, ordinary


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
        self._plain = [_plain(name, self._meanings.get(name, [])) for name in self._names]
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
        read = Words(text, words(text))
        matches = self._automaton.find_matches_as_indexes(read.joined)
        if not state and not lga:
            return self._from_text(read, matches) if matches else NOWHERE
        field_state = self._fields.state(state)
        is_foreign = bool(state and state.strip()) and field_state is None
        field_lga = self._fields.lga(lga, field_state) if lga and not is_foreign else None
        if field_lga and not field_state:
            field_state = self._fields.state_of(lga)
        found = choices.choose(self._mentions(read, matches), field_state)
        if field_state is not None:
            return choices.with_fields(field_state, field_lga, found)
        if is_foreign:  # of a state that is none of Nigeria's, only what cannot be anywhere else
            found = [choice for choice in found if choice.confidence >= choices.SURE]
        return choices.from_text(found) if found else NOWHERE

    def _from_text(self, read: Words, matches: list[tuple[int, int, int]]) -> Place:
        if len(matches) == 1:
            index, start, end = matches[0]
            place = self._plain[index]
            if place is not None:  # the common case: one name, which means one place only
                return NOWHERE if is_no_place(self._names[index], read.around(start, end)) else place
        found = choices.choose(self._mentions(read, matches), None)
        return choices.from_text(found) if found else NOWHERE

    def _mentions(self, read: Words, matches: list[tuple[int, int, int]]) -> list[Mention]:
        mentions = []
        for index, start, end in matches:
            name = self._names[index]
            found = self._meanings.get(name)
            around = read.around(start, end)
            if found is not None and not is_no_place(name, around):
                mentions.append(Mention(read, name, start, end, around, found))
        return mentions


def _plain(name: str, found: list[Meaning]) -> Place | None:
    """The place of a name that is sure of itself and lies in one state only; None for others."""
    if (
        len(name) <= SHORT
        or any(m.certainty is not Certainty.SURE for m in found)
        or len({m.state for m in found}) != 1
    ):
        return None
    winners = choices.best(found)
    lgas = tuple(dict.fromkeys(lga for m in winners for lga in m.lgas))
    return choices.from_text([Choice(name, winners[0].state, lgas, 1.0, choices.confidence(winners))])
