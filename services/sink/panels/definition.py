"""What a panel is: one query, what its columns mean, and how it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Unit(Enum):
    """What a number counts. The value is what stands behind it."""

    COUNT = ""
    SECONDS = "s"
    SHARE = "%"
    SCORE = "score"


class Kind(Enum):
    """How a panel is drawn."""

    STAT = "stat"
    """One row; each column a figure."""
    BARS = "bars"
    """x against y, one bar an x, stacked by series where there is one."""
    ROWS = "rows"
    """Horizontal bars: long names on x."""
    PARETO = "pareto"
    """Bars, largest first, and the share that they add up to."""
    LINES = "lines"
    """y columns against x, which is a time."""
    HEATMAP = "heatmap"
    """x against y columns of a grid, coloured by value."""
    SPANS = "spans"
    """One bar a row from start to end."""
    TABLE = "table"
    """Rows as they are."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. The SQL may use Grafana's time macros and variables as $name; macros.py expands them elsewhere."""

    name: str
    title: str
    description: str
    """One sentence for the reader: what it shows and what to do with it."""
    sql: str
    kind: Kind
    unit: Unit = Unit.COUNT
    x: str = ""
    """Column of the axis or the name of a row."""
    y: tuple[str, ...] = ()
    """Columns of values."""
    series: str = ""
    """Column whose values are the parts of a stack or the lines."""
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Variables of the query, and the values that a reader can choose from; the first is the default."""
    wide: bool = False
    """Takes the whole width."""
    log: bool = False
    """A logarithmic axis of values."""
    good: Mapping[str, float] = field(default_factory=dict)
    """For a STAT: column -> largest value that is fine."""
