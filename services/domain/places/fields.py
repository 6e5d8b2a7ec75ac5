"""Form fields: what somebody typed or chose as a state or a local government area."""

from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

from services.domain.places.names import fold, words
from services.domain.places.sources import Area, Meaning, Rank

_STATE_NOISE = frozenset({"state", "nigeria", "ng", "nga", "jihar", "ipinle", "steeti", "naija", "the", "of"})
_AREA_NOISE = frozenset({"lga", "lg", "local", "government", "govt", "area", "council", "lcda", "l", "g", "a"})
_SPELLING = 85.0
"""Least similarity (percent) of a misspelt field: Anambara yes, Georgia for anything no."""


class Fields:
    """Looks fields up exactly, then without what people add, then with one slip of spelling."""

    def __init__(self, areas: Iterable[Area], meanings: Mapping[str, list[Meaning]]) -> None:
        self._meanings = meanings
        self._states: dict[str, str] = {}
        self._areas: dict[str, dict[str, str]] = {}
        for area in areas:
            self._states[fold(area.state)] = area.state
            self._areas.setdefault(area.state, {})[fold(area.name)] = area.name

    def state(self, raw: str | None) -> str | None:
        """The state that a field means: a state's name, a city of it, a State/LGA."""
        if not raw:
            return None
        found = words(raw)
        bare = " ".join(word for word in found if word not in _STATE_NOISE)
        for name in (" ".join(found), bare, fold(raw.partition("/")[0]), fold(raw.partition(",")[0])):
            if state := self._states.get(name) or self._state_of(name):
                return state
        close = process.extractOne(bare, self._states.keys(), scorer=fuzz.ratio, score_cutoff=_SPELLING)
        return self._states[close[0]] if close and len(bare) >= 5 else None

    def state_of(self, raw: str | None) -> str | None:
        """The state of an area's name, where it is the only one of that name."""
        return self._state_of(_bare(raw or ""))

    def lga(self, raw: str | None, state: str | None = None) -> str | None:
        """The area that a field means, in a state where one is known."""
        if not raw:
            return None
        head, slash, tail = raw.partition("/")
        if slash and state is None and fold(head) in self._states:
            state, raw = self._states[fold(head)], tail
        for name in dict.fromkeys((fold(raw), _bare(raw))):
            if lga := self._exact(name, state):
                return lga
        if state is None:
            return None
        names = self._areas.get(state, {})
        bare = _bare(raw)
        close = process.extractOne(bare, names.keys(), scorer=fuzz.ratio, score_cutoff=_SPELLING)
        return names[close[0]] if close and len(bare) >= 5 else None

    def _exact(self, name: str, state: str | None) -> str | None:
        if state is not None and name in self._areas.get(state, {}):
            return self._areas[state][name]
        found = [m for m in self._meanings.get(name, ()) if state in (None, m.state)]
        if any(m.rank is Rank.STATE for m in found):
            found = [m for m in found if m.rank is Rank.AREA]
        winners = _winners([m for m in found if len(m.lgas) == 1])
        return winners[0].lgas[0].partition("/")[2] if len({m.lgas for m in winners}) == 1 else None

    def _state_of(self, name: str) -> str | None:
        winners = _winners([m for m in self._meanings.get(name, ()) if m.rank is not Rank.WARD])
        return winners[0].state if len({m.state for m in winners}) == 1 else None


def _winners(found: list[Meaning]) -> list[Meaning]:
    dominant = [m for m in found if m.dominant]
    if dominant or not found:
        return dominant
    lowest = min(m.rank for m in found)
    return [m for m in found if m.rank is lowest]


def _bare(raw: str) -> str:
    found = words(raw)
    return " ".join(word for word in found if word not in _AREA_NOISE) or " ".join(found)
