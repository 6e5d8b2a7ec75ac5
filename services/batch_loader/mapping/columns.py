"""Which column means what: configured, or guessed from the headers and the first rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.batch_loader.mapping.dates import Order, named_month, order_of
from services.batch_loader.mapping.headers import role_of, squeeze

SAMPLE_ROWS = 500
MISSING = frozenset({"", "-", "--", "n/a", "na", "nan", "nat", "none", "null", "nil", "\\n", "#n/a", "unknown"})
"""What exports write where there is no value, casefolded."""

_TIMES = ("occurred_at", "revised_at", "generated_at", "ended_at")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Canonical name to the column or columns that hold it (several are joined by a blank)."""

    roles: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    """Fields that the file does not hold and that hold for all of it, e.g. state: Lagos."""
    order: Order = "dmy"
    """How numeric dates are read that could be read both ways."""

    def positions(self, columns: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """The same with positions; columns that are not there are left out. Headers are compared squeezed."""
        at = {name: i for i, name in reversed(list(enumerate(map(squeeze, columns))))}
        exact = {name: i for i, name in reversed(list(enumerate(columns)))}
        found = {
            role: tuple(
                exact[name] if name in exact else at[squeeze(name)]
                for name in names
                if name in exact or squeeze(name) in at
            )
            for role, names in self.roles.items()
        }
        return {role: places for role, places in found.items() if places}


def guess(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], order: Order | None = None
) -> tuple[ColumnMap, list[str]]:
    """A map for these columns from their names, with the dates settled by the values of some rows; and notes on doubts.

    Of several columns of one role the best-named one is taken; of several dates the one that cannot be misread, e.g.
    because it names its months; with one title and no text, the title is the text.
    """
    candidates: dict[str, list[tuple[int, int, str]]] = {}
    for place, column in enumerate(columns):
        found = role_of(column)
        if found:
            candidates.setdefault(found[0], []).append((found[1], place, column))
    roles: dict[str, tuple[str, ...]] = {role: (min(names)[2],) for role, names in candidates.items()}
    notes: list[str] = []
    if "occurred_at" in candidates:
        roles["occurred_at"] = (_clearest_date(candidates["occurred_at"], columns, rows),)
    chosen, note = _order(roles, columns, rows, order)
    notes += note
    if "text" not in roles and "subject" in roles:
        roles["text"] = roles.pop("subject")
    parts = tuple(name for role in ("first_name", "last_name") for name in roles.pop(role, ()))
    if parts and "customer_name" not in roles:
        roles["customer_name"] = parts
    return ColumnMap(roles, order=chosen), notes


def values_of(columns: Sequence[str], rows: Sequence[Sequence[Any]], name: str) -> list[str]:
    """The texts that a column holds in some rows, missing ones left out."""
    place = list(columns).index(name)
    return [
        row[place]
        for row in rows
        if len(row) > place and isinstance(row[place], str) and row[place].strip().casefold() not in MISSING
    ]


def _clearest_date(
    candidates: list[tuple[int, int, str]], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> str:
    def unclear(name: str) -> int:
        values = values_of(columns, rows, name)
        return 0 if any(map(named_month, values)) else order_of(values)[1]

    best = min(candidates)
    clear = [c for c in candidates if values_of(columns, rows, c[2]) and not unclear(c[2])]
    if not unclear(best[2]) or not clear:
        return best[2]
    return min(clear)[2]


def _order(
    roles: Mapping[str, tuple[str, ...]], columns: Sequence[str], rows: Sequence[Sequence[Any]], given: Order | None
) -> tuple[Order, list[str]]:
    if given:
        return given, []
    for role in _TIMES:
        for name in roles.get(role, ()):
            proven, unclear = order_of(values_of(columns, rows, name))
            if proven:
                return proven, []
            if unclear:
                note = f"column {name!r}: day and month cannot be told apart; read as day first (set date_order)"
                return "dmy", [note]
    return "dmy", []


Getter = Callable[[Sequence[Any]], str]


def getter(places: tuple[int, ...]) -> Getter:
    """A function that takes a row to the text of these places, "" where it is missing."""
    if len(places) == 1:
        place = places[0]
        return lambda row: clean(row[place])
    return lambda row: " ".join(filter(None, (clean(row[place]) for place in places)))


def clean(value: Any) -> str:
    """A value as trimmed text; "" for what exports write where there is none."""
    if value is None:
        return ""
    text = value.strip() if isinstance(value, str) else _plain(value)
    return "" if len(text) <= 7 and text.casefold() in MISSING else text


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # spreadsheets and pandas turn 8031234567 into 8031234567.0
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).encode("utf-8", "surrogatepass").decode("utf-8", "replace").strip()
