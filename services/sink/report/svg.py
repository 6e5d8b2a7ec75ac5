"""SVG as text: elements, and the frame that charts share. Colours are classes, so that light and dark are CSS alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from services.domain.vocabulary import CHANNELS

COLOURS: Final = 12
MEANINGS: Final = {"late": "bad", "review": "c6", "running": "c0", "certain": "c0"}
"""Columns whose colour says something."""


def element(name: str, *children: str, **attributes: object) -> str:
    """An element; underscores in attribute names are hyphens, a trailing one is dropped.

    >>> element("text", "a < b", x=1, text_anchor="end", class_="axis")
    '<text x="1" text-anchor="end" class="axis">a < b</text>'
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def _plain(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def label(content: str, x: float, y: float, anchor: str = "start", style: str = "axis", limit: int = 0) -> str:
    """Text, escaped; cut to `limit` characters."""
    shown = content if not limit or len(content) <= limit else content[: limit - 1] + "…"
    return element("text", escape(shown), x=x, y=y, text_anchor=anchor, class_=style)


def tip(*lines: str) -> str:
    """What a mark says when it is pointed at or touched."""
    return element("title", escape("\n".join(lines)))


@dataclass(frozen=True, slots=True)
class Frame:
    """The outside of a chart and the inside that values are drawn in, in user units (CSS pixels at full width)."""

    width: float
    height: float
    left: float = 48
    right: float = 12
    top: float = 12
    bottom: float = 28

    @property
    def inner_width(self) -> float:
        """Width for values."""
        return self.width - self.left - self.right

    @property
    def inner_height(self) -> float:
        """Height for values."""
        return self.height - self.top - self.bottom

    @property
    def floor(self) -> float:
        """y of the zero line."""
        return self.height - self.bottom

    def svg(self, title: str, parts: Sequence[str]) -> str:
        """The whole drawing."""
        view = f"0 0 {self.width:g} {self.height:g}"
        return element("svg", *parts, viewBox=view, role="img", aria_label=title)

    def grid(self, marks: Sequence[float], top: float, names: Sequence[str]) -> list[str]:
        """Horizontal lines at marks, of which `top` is the highest, with their names at the left."""
        parts = []
        for mark, name in zip(marks, names, strict=True):
            y = self.floor - self.inner_height * mark / top
            parts.append(element("line", x1=self.left, x2=self.width - self.right, y1=y, y2=y, class_="grid"))
            parts.append(label(name, self.left - 6, y + 4, "end"))
        return parts


def colours(names: Sequence[str]) -> dict[str, str]:
    """Name -> class of its colour: a channel has the same everywhere, others go by order."""
    fixed = {channel: index for index, channel in enumerate(CHANNELS)}
    if all(name in fixed for name in names):
        return {name: f"c{fixed[name]}" for name in names}
    return {name: MEANINGS.get(name, f"c{index % COLOURS}") for index, name in enumerate(names)}
