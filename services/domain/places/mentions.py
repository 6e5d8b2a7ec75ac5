"""Names of places in a text, with what stands around them."""

from collections.abc import Sequence

from services.domain.places import context
from services.domain.places.casing import Casing
from services.domain.places.context import Cue
from services.domain.places.sources import Certainty, Meaning

SHORT = 4
"""A name of so few letters, written small among capitals, is likelier a word: epe, aba, udi."""


class Words:
    """A folded text as the automaton reads it: two spaces between words, one at each end.

    A name, with one space on each side, so matches whole words only, and two names that follow each other share none.
    """

    __slots__ = ("casing", "folded", "joined")

    def __init__(self, text: str, folded: list[str]) -> None:
        self.folded = folded
        self.joined = f" {'  '.join(folded)} "
        self.casing = Casing(text)

    def around(self, start: int, end: int) -> tuple[str, str, str]:
        """The two words before and the one after a match."""
        joined = self.joined
        at = joined.rfind(" ", 0, max(start - 1, 0)) + 1
        before = joined[at : start - 1] if start else ""
        after = joined[end + 1 : joined.find(" ", end + 1)] if end < len(joined) else ""
        before_that = joined[joined.rfind(" ", 0, max(at - 2, 0)) + 1 : max(at - 2, 0)]
        return before_that, before, after

    def is_english(self) -> bool:
        """Whether this is English or Pidgin, by its small words."""
        return context.is_english(self.folded)


class Mention:
    """One name in a text with the places that it can mean."""

    __slots__ = ("after", "before", "cue", "end", "meanings", "name", "start", "words")

    def __init__(
        self, words: Words, name: str, start: int, end: int, around: tuple[str, str, str], meanings: Sequence[Meaning]
    ) -> None:
        before_that, self.before, self.after = around
        self.words = words
        self.name = name
        self.start = start
        self.end = end
        self.cue = context.cue(self.before, before_that)
        if len(name) <= SHORT and words.casing.of(name) is False:
            meanings = [m._replace(certainty=max(m.certainty, Certainty.WEAK)) for m in meanings]
        self.meanings = meanings

    def is_capital(self) -> bool | None:
        """Whether it is written with a capital; None where capitals tell nothing."""
        return self.words.casing.of(self.name)

    def is_placed(self) -> bool:
        """Whether the word before makes an everyday word a place, as far as capitals do not speak against it."""
        if self.cue is Cue.NATIVE:
            return self.is_capital() is True
        return self.cue is not Cue.NONE and (self.is_capital() is not False or self.words.is_english())

    def gap(self, other: "Mention") -> int:
        """Words between two mentions, roughly: two characters of separation and some five of word each."""
        first, second = (self, other) if self.start < other.start else (other, self)
        return max(0, (second.start - first.end + 4) // 7)


def is_no_place(name: str, around: tuple[str, str, str]) -> bool:
    """Whether the words around a name make it a street, a person, or letters of a word spelt out."""
    before_that, before, after = around
    if context.is_street(after) or context.is_person(before, before_that):
        return True
    return len(name) <= 3 and " " in name and (len(before) == 1 or len(after) == 1)
