"""The result of placing a complaint."""

from typing import NamedTuple


class Place(NamedTuple):
    """Where a complaint is from, as far as text, form fields or coordinates say so.

    >>> Place("Lagos", "Ikeja", ("Lagos/Ikeja",), 0.95, ("text: ikeja",)).is_known
    True
    """

    state: str | None = None
    """One of the 36 states, or FCT."""
    lga: str | None = None
    """Local government area within `state`, when one is certain; a town over several areas has none."""
    lgas: tuple[str, ...] = ()
    """Every area named, as State/LGA, in order of mention; for a town over several areas all of them."""
    confidence: float = 0.0
    """0 to 1: how sure `state` is."""
    evidence: tuple[str, ...] = ()
    """What decided, in words of the gazetteer, never of the text."""

    @property
    def is_known(self) -> bool:
        """Whether at least the state is known."""
        return self.state is not None


NOWHERE = Place()
