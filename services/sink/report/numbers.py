"""Numbers as people read them, and the ticks of an axis."""

import math
from typing import Final

from services.sink.panels.definition import Unit

_SECONDS: Final = ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def count(value: float) -> str:
    """A count: short from ten thousand on.

    >>> count(950), count(12_345), count(2_500_000), count(41.325)
    ('950', '12.3k', '2.5M', '41.3')
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scaled = value / (1e3 if letter == "k" else size)
            return f"{scaled:.3g}{letter}"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"


def seconds(value: float) -> str:
    """A duration in the unit that fits.

    >>> seconds(0.043), seconds(2.5), seconds(90), seconds(7_200), seconds(432_000), seconds(0)
    ('43 ms', '2.5 s', '1.5 min', '2 h', '5 d', '0 s')
    """
    if 0 < value < 1:
        return f"{value * 1000:.0f} ms"
    for size, name in _SECONDS:
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:.0f} s"


def text(value: float, unit: Unit) -> str:
    """A number with its unit."""
    if math.isnan(value):
        return "–"
    if unit is Unit.SECONDS:
        return seconds(value)
    if unit is Unit.SHARE:
        return f"{value:.0f} %"
    if unit is Unit.SCORE:
        return f"{value:+.2f}"
    return count(value)


def ticks(largest: float, number: int = 4) -> list[float]:
    """Round values from 0 to at least `largest`.

    >>> ticks(87), ticks(3), ticks(0)
    ([0.0, 25.0, 50.0, 75.0, 100.0], [0.0, 1.0, 2.0, 3.0], [0.0, 1.0])
    """
    if largest <= 0:
        return [0.0, 1.0]
    rough = largest / number
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    if largest >= number:
        step = max(step, 1.0)
    return [step * index for index in range(math.ceil(largest / step - 1e-9) + 1)]


def ticks_of(largest: float, unit: Unit) -> list[float]:
    """Round values in the unit that people read: half hours, not thousands of seconds.

    >>> ticks_of(5_400, Unit.SECONDS)
    [0.0, 1800.0, 3600.0, 5400.0]
    """
    if unit is not Unit.SECONDS or largest <= 0:
        return ticks(largest)
    size = next((size for size, _ in _SECONDS if largest >= size), 0.001)
    return [mark * size for mark in ticks(largest / size)]


def log_ticks(smallest: float, largest: float) -> list[float]:
    """Durations that people think in, around a range of seconds."""
    marks = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000, 31_536_000, 315_360_000)
    low = max((mark for mark in marks if mark <= smallest), default=marks[0])
    high = min((mark for mark in marks if mark >= largest), default=marks[-1])
    return [mark for mark in marks if low <= mark <= high]
