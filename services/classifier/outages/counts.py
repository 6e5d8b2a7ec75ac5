"""Distinct customers by cluster, area and operator, in the window that ends with the newest bucket."""

from collections.abc import Iterator

from services.classifier.outages.areas import is_local, state_of
from services.classifier.outages.rules import NATION, WINDOW_BUCKETS
from services.classifier.outages.windows import DistinctWindow

Place = tuple[str, str]
"""Cluster and area."""
Kind = tuple[str, str | None]
"""Cluster and operator."""
Series = tuple[str, str | None, str]
"""Cluster, operator and area."""


class Counts:
    """All windows, and which of them have changed since they were last judged."""

    def __init__(self, copies_that_count: int) -> None:
        self.bucket = 0
        """Newest bucket of event time; 0 before the first observation."""
        self._copies_that_count = copies_that_count
        self._windows: dict[Place, dict[str | None, DistinctWindow]] = {}
        self._inside: dict[Place, set[str]] = {}
        self._changed: set[Place] = set()

    def add(
        self,
        cluster: str,
        operator: str | None,
        areas: tuple[str, ...],
        customer: str,
        bucket: int,
        text_key: str | None = None,
    ) -> None:
        """Count a customer in areas, each within the next larger one."""
        for area in areas:
            by_operator = self._windows.setdefault((cluster, area), {})
            window = by_operator.get(operator)
            if window is None:
                window = by_operator[operator] = DistinctWindow(self._copies_that_count)
            if window.add(customer, bucket, text_key):
                self.mark(cluster, area)

    def mark(self, cluster: str, area: str) -> None:
        """Note that an area is to be judged."""
        self._changed.add((cluster, area))
        if area != NATION:
            self._inside.setdefault((cluster, _around(area)), set()).add(area)

    def changed(self) -> set[Place]:
        """The places that have changed since the last call."""
        out, self._changed = self._changed, set()
        return out

    def window(self, cluster: str, operator: str | None, area: str) -> DistinctWindow | None:
        """The window of a series; None where it is empty."""
        return self._windows.get((cluster, area), {}).get(operator)

    def of(self, cluster: str, operator: str | None, area: str) -> int:
        """Customers of a series."""
        window = self.window(cluster, operator, area)
        return window.count(self.bucket) if window else 0

    def together(self, cluster: str, operators: tuple[str | None, ...], area: str) -> int:
        """Customers of several operators."""
        return sum(self.of(cluster, operator, area) for operator in operators)

    def by_operator(self, cluster: str, area: str) -> dict[str | None, int]:
        """Customers of an area by operator, those with any."""
        found = ((op, w.count(self.bucket)) for op, w in self._windows.get((cluster, area), {}).items())
        return {operator: number for operator, number in found if number}

    def inside(self, cluster: str, area: str) -> set[str]:
        """The areas with customers that lie right inside an area."""
        return self._inside.get((cluster, area), set())

    def seen_in(self, bucket: int) -> Iterator[Series]:
        """The series with customers whose latest bucket this is."""
        for (cluster, area), by_operator in self._windows.items():
            for operator, window in by_operator.items():
                if window.in_bucket(bucket):
                    yield cluster, operator, area

    def all(self) -> dict[Kind, dict[str, int]]:
        """Customers of every area, by cluster and operator."""
        out: dict[Kind, dict[str, int]] = {}
        for cluster, area in self._windows:
            for operator, number in self.by_operator(cluster, area).items():
                out.setdefault((cluster, operator), {})[area] = number
        return out

    def slide(self) -> None:
        """Forget what no window from the next bucket on will hold."""
        first = self.bucket + 2 - WINDOW_BUCKETS
        for place in list(self._windows):
            by_operator = self._windows[place]
            for operator in [op for op, window in by_operator.items() if window.forget_before(first)]:
                del by_operator[operator]
            if not by_operator:
                cluster, area = place
                del self._windows[place]
                self._inside.pop(place, None)
                self.inside(cluster, _around(area)).discard(area)


def _around(area: str) -> str:
    return state_of(area) if is_local(area) else NATION
