"""Tags names and addresses: a linear-chain model (trained as a CRF) whose scores are remembered by word.

The score of a token is the sum of what it says itself and what its two neighbours on each side say of it. Each term
depends on one word alone, so it is summed once for a word and then looked up; most words of a text have been seen
before. Where no token comes near a name or an address, nothing is decoded.
"""

from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from services.cleaner.masking import features
from services.cleaner.masking.arrays import pack, unpack
from services.cleaner.masking.memo import Memo
from services.cleaner.masking.tokens import fold_word

LABELS: Final = ("O", "P", "A")
"""Outside, part of a person's name, part of an address."""
_FORMAT: Final = 1
_NEVER: Final = -1e9
_END: Final = 1 << 60
_LEANING: Final = {features.NORMAL: 0.75, features.LOWER: -0.3, features.UPPER: -0.5}
"""Added to the score of P, by the casing of the text: a leak costs more than a word masked in vain."""
_HOPELESS: Final = -4.0
"""A word that says less than this for P itself is part of no name, whatever stands around it."""
_NOTHING: Final = complex(-50, -50)
_GAP: Final = 4
"""Tokens that speak for a label are decoded together when fewer than this stand between them."""


Tagged = tuple[int, int, str, float]
"""First token, last token + 1, label, confidence."""


class Weights(NamedTuple):
    """Feature to its score (P real, A imaginary), relative to O; and the score of each label after each label."""

    state: dict[str, complex]
    moves: tuple[tuple[float, ...], ...]


Word = tuple[complex, complex, complex, complex, complex, bool]
"""What a token says for itself, for the next token, the previous one, the one after the next, and the one before the
previous one. Scores are complex numbers, P the real part and A the imaginary one: one addition adds both. Last, whether
it may be part of a name at all, whatever stands around it."""


def save(path: Path, weights: Weights, lists: dict[str, str]) -> None:
    """Writes weights and lists as plain arrays (no pickle)."""
    names = sorted(weights.state)
    words = sorted(lists)
    np.savez_compressed(
        path,
        format=np.array([_FORMAT], dtype=np.int32),
        features=pack(names),
        weights=np.array([(w.real, w.imag) for w in (weights.state[n] for n in names)], dtype=np.float16),
        moves=np.array(weights.moves, dtype=np.float32),
        words=pack(words),
        codes=pack([lists[w] for w in words]),
    )


class Tagger:
    """Finds spans of tokens that are names (P) or addresses (A)."""

    def __init__(self, weights: Weights, lists: dict[str, str]) -> None:
        self._state = weights.state
        self._moves = weights.moves
        self.lists = lists
        self._words = {
            mode: Memo(partial(self._word, mode)) for mode in (features.NORMAL, features.LOWER, features.UPPER)
        }
        (oo, op, oa), (po, pp, _), (ao, _, aa) = weights.moves
        self._least_p, self._drift_p = 2 * oo - op - po, oo - pp
        self._least_a, self._drift_a = 2 * oo - oa - ao, oo - aa

    @classmethod
    def load(cls, path: Path | None = None) -> "Tagger":
        """The model of a file; the shipped one where none is named."""
        resource = path or resources.files("services.cleaner.models").joinpath("tagger.npz")
        with resource.open("rb") as file, np.load(file, allow_pickle=False) as data:
            names = unpack(data["features"])
            rows = data["weights"].astype(np.float64).tolist()
            moves = tuple(tuple(row) for row in data["moves"].astype(np.float64).tolist())
            words = unpack(data["words"])
            codes = unpack(data["codes"])
        state = {name: complex(*row) for name, row in zip(names, rows, strict=True)}
        return cls(Weights(state, moves), dict(zip(words, codes, strict=True)))

    def spans(self, tokens: Sequence[str], mode: str, *, addresses: bool = True) -> list[Tagged]:
        """Each name, and each address where addresses are asked for. mode is the casing of the tokens."""
        known = self._words[mode]
        edge = known[features.EDGE]
        words = [edge, edge, *map(known.__getitem__, tokens), edge, edge]
        places = range(2, len(words) - 2) if addresses else [i for i, word in enumerate(words) if word[5]]
        scores = [_NOTHING] * len(tokens)
        drift_p, drift_a = self._drift_p, self._drift_a
        near: list[int] = []
        for i in places:
            score = words[i][0] + words[i - 1][1] + words[i + 1][2] + words[i - 2][3] + words[i + 2][4]
            scores[i - 2] = score
            if score.real > drift_p or score.imag > drift_a:
                near.append(i - 2)
        if not near:
            return []
        found: list[Tagged] = []
        start = previous = near[0]
        for i in (*near[1:], _END):
            if i - previous > _GAP:
                if self._may_hold(scores, start, previous + 1):
                    found += self._decode(scores, start, previous + 1)
                start = i
            previous = i
        return found

    def _may_hold(self, scores: list[complex], start: int, end: int) -> bool:
        """Whether a window has enough in all to pay for entering and leaving a label."""
        drift_p, drift_a = self._drift_p, self._drift_a
        p = a = 0.0
        for score in scores[start:end]:
            if score.real > drift_p:
                p += score.real - drift_p
            if score.imag > drift_a:
                a += score.imag - drift_a
        return p > self._least_p - drift_p or a > self._least_a - drift_a

    def _decode(self, scores: list[complex], start: int, end: int) -> list[Tagged]:
        """Viterbi over [start, end), O on both sides."""
        (oo, op, oa), (po, pp, pa), (ao, ap, aa) = self._moves
        score_o, score_p, score_a = 0.0, _NEVER, _NEVER
        back: list[tuple[int, int, int]] = []
        for i in range(start, end):
            score = scores[i]
            from_o, from_p, from_a = score_o + oo, score_p + po, score_a + ao
            best_o = 0 if from_o >= from_p and from_o >= from_a else 1 if from_p >= from_a else 2
            new_o = (from_o, from_p, from_a)[best_o]
            from_o, from_p, from_a = score_o + op, score_p + pp, score_a + ap
            best_p = 0 if from_o >= from_p and from_o >= from_a else 1 if from_p >= from_a else 2
            new_p = (from_o, from_p, from_a)[best_p] + score.real
            from_o, from_p, from_a = score_o + oa, score_p + pa, score_a + aa
            best_a = 0 if from_o >= from_p and from_o >= from_a else 1 if from_p >= from_a else 2
            new_a = (from_o, from_p, from_a)[best_a] + score.imag
            score_o, score_p, score_a = new_o, new_p, new_a
            back.append((best_o, best_p, best_a))
        score_o, score_p, score_a = score_o + oo, score_p + po, score_a + ao
        label = 0 if score_o >= score_p and score_o >= score_a else 1 if score_p >= score_a else 2
        labels = [0] * (end - start)
        for i in range(end - start - 1, -1, -1):
            labels[i] = label
            label = back[i][label]
        return _spans(labels, scores, start)

    def _word(self, mode: str, token: str) -> Word:
        lists = self.lists.get(fold_word(token), "")
        near = features.beside(token, mode, lists)
        own = self._sum("0", features.own(token, mode, lists))
        if token[0].isalpha() and (mode == features.LOWER or token[0].isupper()):
            own += _LEANING[mode]
        may_be_name = own.real > _HOPELESS and token != features.EDGE
        return (
            own,
            self._sum("-", near),
            self._sum("+", near),
            self._sum("<", near),
            self._sum(">", near),
            may_be_name,
        )

    def _sum(self, prefix: str, found: Sequence[str]) -> complex:
        state = self._state
        return sum([state.get(prefix + feature, 0j) for feature in found], 0j)


def _spans(labels: list[int], scores: list[complex], start: int) -> list[Tagged]:
    """Runs of one label other than O, with the mean score squeezed into 0.5..1 as confidence."""
    found: list[Tagged] = []
    i = 0
    while i < len(labels):
        label = labels[i]
        end = i + 1
        while end < len(labels) and labels[end] == label:
            end += 1
        if label:
            run = scores[start + i : start + end]
            mean = max(sum([s.real if label == 1 else s.imag for s in run]) / (end - i), 0.0)
            found.append((start + i, start + end, LABELS[label], round(0.5 + 0.5 * mean / (1.0 + mean), 3)))
        i = end
    return found
