"""The area nearest to a point: for geo tags, whose coordinates are rounded before they come here."""

import math
from collections.abc import Iterable

from services.domain.places.place import NOWHERE, Place
from services.domain.places.sources import Area

_FARTHEST_KM = 90.0
"""The middle of no area is farther from its own border; beyond lies another country or the sea."""
_KM_PER_DEGREE = 111.2


class Nearest:
    """Finds the area whose middle is nearest; certain of the area only where the next is clearly farther."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._areas = list(areas)

    def __call__(self, latitude: float, longitude: float) -> Place:
        """The area nearest to a point in degrees; NOWHERE for a point outside Nigeria or for no number."""
        if not (3.0 < latitude < 15.0 and 2.0 < longitude < 15.5):
            return NOWHERE
        shrink = math.cos(math.radians(latitude))
        distances = sorted(
            (_KM_PER_DEGREE * math.hypot(area.latitude - latitude, (area.longitude - longitude) * shrink), index)
            for index, area in enumerate(self._areas)
        )
        (first, index), (second, _) = distances[:2]
        if first > _FARTHEST_KM:
            return NOWHERE
        area = self._areas[index]
        other_state = next(km for km, i in distances if self._areas[i].state != area.state)
        confidence = round(other_state / (first + other_state), 3)
        is_sure = second > 1.25 * first
        evidence = (f"coordinates: nearest {area.full_name}",)
        return Place(area.state, area.name if is_sure else None, (area.full_name,), confidence, evidence)
