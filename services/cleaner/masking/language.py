"""Tells English, Pidgin, Yoruba, Hausa and Igbo apart, by words and by the letters of words that nobody listed.

Each word speaks for each language with a whole number. The five numbers of a word stand side by side in one integer, so
that one addition adds all five; they are found once for a word and then remembered.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np

from services.cleaner.masking.arrays import pack, unpack
from services.cleaner.masking.memo import Memo
from services.cleaner.masking.tokens import fold_word

LANGUAGES: Final = ("en", "pcm", "yo", "ha", "ig")
OTHER: Final = "other"
_BITS: Final = 20
_FIELD: Final = (1 << _BITS) - 1
_MIDDLE: Final = 1 << 10
_SCALE: Final = 100
_COUNTER: Final = _BITS * len(LANGUAGES)
_MAX_TOKENS: Final = 400
_PIDGIN: Final = 2.0
"""How much more evidence for Pidgin than for English it takes."""
_LEAST: Final = 1.2
"""Evidence below which a text is of no language that we know."""

Votes = Mapping[str, Sequence[float]]
"""Feature (a word, or three letters as "\\x01abc") to what it says for each of LANGUAGES."""


def save(path: Path, votes: Votes) -> None:
    """Writes votes as plain arrays (no pickle)."""
    names = sorted(votes)
    np.savez_compressed(path, features=pack(names), votes=np.array([votes[n] for n in names], dtype=np.float16))


class LanguageIdentifier:
    """Names the language of a tokenised text."""

    def __init__(self, votes: Votes) -> None:
        self._votes = votes
        self._packed = Memo(self._pack)

    @classmethod
    def load(cls) -> "LanguageIdentifier":
        """The shipped model."""
        resource = resources.files("services.cleaner.models").joinpath("language.npz")
        with resource.open("rb") as file, np.load(file, allow_pickle=False) as data:
            return cls(dict(zip(unpack(data["features"]), data["votes"].astype(np.float64).tolist(), strict=True)))

    def identify(self, tokens: Sequence[str]) -> str:
        """One of LANGUAGES, or "other" where there is hardly any evidence."""
        total = sum(map(self._packed.__getitem__, tokens if len(tokens) <= _MAX_TOKENS else tokens[:_MAX_TOKENS]))
        count = total >> _COUNTER
        if not count:
            return OTHER
        sums = [(total >> shift & _FIELD) - count * _MIDDLE for shift in range(0, _BITS * len(LANGUAGES), _BITS)]
        if sums[1] - sums[0] < _PIDGIN * _SCALE:
            sums[1] = 0  # English words alone, however short the text, make no Pidgin
        best = max(sums)
        return LANGUAGES[sums.index(best)] if best > _LEAST * _SCALE else OTHER

    def _pack(self, token: str) -> int:
        if not token[0].isalpha():
            return 0
        packed = 1 << _COUNTER
        for place, vote in enumerate(self._vote(token.lower(), fold_word(token))):
            packed |= min(max(_MIDDLE + round(vote * _SCALE), 0), 2 * _MIDDLE) << (place * _BITS)
        return packed

    def _vote(self, lower: str, folded: str) -> list[float]:
        """What a word says for each language: as it is written, else without diacritics, else by its letters."""
        votes = self._votes.get(lower) or self._votes.get(folded)
        if votes is not None:
            return list(votes)
        padded = f"^{lower}$"
        letters = [self._votes.get("\x01" + padded[i : i + 3]) for i in range(len(padded) - 2)]
        heard = [v for v in letters if v is not None]
        return [0.35 * sum(column) / len(letters) for column in zip(*heard, strict=True)] if heard else [0.0] * 5
