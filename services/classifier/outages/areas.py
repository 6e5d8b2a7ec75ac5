"""Areas from the local government area up to the nation, and the areas that an observation counts in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.classifier.outages.rules import NATION


class AreaTree:
    """Which areas there are, and how they lie in each other.

    A town over several areas (Ibadan, Aba) is an area of its own: complaints that say only the town are counted there
    and not in each of its areas, since nobody knows in which of them the customer is. Its name is that of its areas,
    joined by "+".

    >>> tree = AreaTree(["Abia/Aba North", "Abia/Aba South", "Abia/Bende"], [("Abia/Aba North", "Abia/Aba South")])
    >>> tree.of({"state": "Abia", "lgas": ["Abia/Aba South", "Abia/Aba North"]})
    ('Abia/Aba North+Abia/Aba South', 'Abia', 'NG')
    >>> tree.of({"state": "Abia", "lgas": ["Abia/Bende"]}), tree.of({"state": None, "lgas": []})
    (('Abia/Bende', 'Abia', 'NG'), ('NG',))
    """

    def __init__(self, lgas: Iterable[str] = (), towns: Iterable[Sequence[str]] = ()) -> None:
        self._of_state: dict[str, int] = {}
        for lga in lgas:
            state = state_of(lga)
            self._of_state[state] = self._of_state.get(state, 0) + 1
        self._towns = {frozenset(town): "+".join(sorted(town)) for town in towns if len(town) > 1}

    def of(self, observation: Mapping[str, Any]) -> tuple[str, ...]:
        """The areas that an observation counts in: its smallest areas, their states, the nation."""
        lgas = observation["lgas"]
        town = self._towns.get(frozenset(lgas)) if len(lgas) > 1 else None
        smallest = (town,) if town else tuple(dict.fromkeys(lgas))
        states = dict.fromkeys(state_of(lga) for lga in lgas)
        if observation["state"]:
            states.setdefault(observation["state"])
        return (*smallest, *states, NATION)

    def grouped(self, lgas: Iterable[str]) -> list[str]:
        """Areas for local government areas: a town in place of all of its areas."""
        left = set(lgas)
        found = []
        for town, name in self._towns.items():
            if town <= left:
                found.append(name)
                left -= town
        return sorted(found) + sorted(left)

    def siblings(self, state: str) -> int:
        """How many local government areas a state has; the average where it is unknown."""
        return self._of_state.get(state, 21)

    def prior_share(self, area: str) -> float:
        """Share of the nation's complaints to expect of an area before anything is known: by its number of areas."""
        total = sum(self._of_state.values()) or 774
        if area == NATION:
            return 1.0
        if is_state(area):
            return self.siblings(area) / total
        return 1.0 / total


def is_state(area: str) -> bool:
    """Whether an area's name is a state's."""
    return "/" not in area and area != NATION


def is_local(area: str) -> bool:
    """Whether an area is a local government area or a town over several."""
    return "/" in area


def state_of(area: str) -> str:
    """The state that an area lies in: Lagos of Lagos/Ikeja."""
    return area.partition("/")[0]


def lgas_of(area: str) -> list[str]:
    """The local government areas of an area's name: one, or those of a town."""
    return area.split("+") if "/" in area else []
