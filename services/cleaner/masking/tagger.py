"""Tags names and addresses: a linear-chain model (trained as a CRF) whose scores are remembered by word.

The score of a token is the sum of what it says itself, what its two neighbours on each side say, and what each pair of
neighbouring kinds says. All but the pairs depends on one word alone, so it is summed once for a word and then looked
up; most words of a text have been seen before. Where no token comes near a name or an address, nothing is decoded.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from services.cleaner.masking import features
from services.cleaner.masking.tokens import fold_word

LABELS: Final = ("O", "P", "A")
"""Outside, part of a person's name, part of an address."""
_CACHE_SIZE: Final = 100_000
_FORMAT: Final = 1

Score = tuple[float, float]
"""Of P and of A, relative to O."""


class Weights(NamedTuple):
    """Feature to the scores of P and A; and the score of each label after each label."""

    state: dict[str, Score]
    moves: tuple[tuple[float, ...], ...]


class Word(NamedTuple):
    """What is known of a token: its kind, and what it says for itself and for its neighbours."""

    kind: str
    lists: str
    own_p: float
    own_a: float
    left_p: float
    left_a: float
    right_p: float
    right_a: float
    left2_p: float
    left2_a: float
    right2_p: float
    right2_a: float
    best: float
    best_next: float
    best_previous: float


def save(path: Path, weights: Weights, lists: dict[str, str]) -> None:
    """Writes weights and lists as plain arrays (no pickle)."""
    names = sorted(weights.state)
    words = sorted(lists)
    np.savez_compressed(
        path,
        format=np.array([_FORMAT], dtype=np.int32),
        features=_bytes("\n".join(names)),
        weights=np.array([weights.state[n] for n in names], dtype=np.float16),
        moves=np.array(weights.moves, dtype=np.float32),
        words=_bytes("\n".join(words)),
        codes=_bytes("\n".join(lists[w] for w in words)),
    )


def _bytes(text: str) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


class Tagger:
    """Finds spans of tokens that are names (P) or addresses (A)."""

    def __init__(self, weights: Weights, lists: dict[str, str]) -> None:
        self._state = weights.state
        self._moves = weights.moves
        self.lists = lists
        self._words: dict[str, dict[str, Word]] = {features.NORMAL: {}, features.LOWER: {}, features.UPPER: {}}
        self._pairs: dict[tuple[str, str], tuple[float, float, float, float]] = {}

    @classmethod
    def load(cls) -> "Tagger":
        """The shipped model."""
        resource = resources.files("services.cleaner.models").joinpath("tagger.npz")
        with resource.open("rb") as file, np.load(file, allow_pickle=False) as data:
            names = data["features"].tobytes().decode("utf-8").split("\n")
            rows = data["weights"].astype(np.float64).tolist()
            moves = tuple(tuple(row) for row in data["moves"].astype(np.float64).tolist())
            words = data["words"].tobytes().decode("utf-8").split("\n")
            codes = data["codes"].tobytes().decode("utf-8").split("\n")
        state = {name: (row[0], row[1]) for name, row in zip(names, rows, strict=True)}
        return cls(Weights(state, moves), dict(zip(words, codes, strict=True)))

    def spans(self, tokens: Sequence[str]) -> list[tuple[int, int, str, float]]:
        """(first token, last token + 1, label, confidence) of each name and address."""
        mode = features.casing(tokens)
        known = self._words[mode]
        words: list[Word] = []
        for token in tokens:
            word = known.get(token)
            words.append(word if word is not None else self._learn(token, mode))
        edge = known.get(features.EDGE) or self._learn(features.EDGE, mode)
        windows = self._windows(words, edge)
        found: list[tuple[int, int, str, float]] = []
        for start, end in windows:
            found += self._decode(words, edge, start, end)
        return found

    def _windows(self, words: list[Word], edge: Word) -> list[tuple[int, int]]:
        """Stretches around tokens that might be more than O; everything else is O."""
        windows: list[tuple[int, int]] = []
        previous = edge
        last = len(words) - 1
        for i, word in enumerate(words):
            following = words[i + 1] if i < last else edge
            if word.best + previous.best_next + following.best_previous > -1.0:
                if windows and windows[-1][1] >= i - 1:
                    windows[-1] = (windows[-1][0], min(i + 2, last + 1))
                else:
                    windows.append((max(i - 1, 0), min(i + 2, last + 1)))
            previous = word
        return windows

    def _decode(self, words: list[Word], edge: Word, start: int, end: int) -> list[tuple[int, int, str, float]]:
        """Viterbi over [start, end), O on both sides."""
        (oo, op, oa), (po, pp, pa), (ao, ap, aa) = self._moves
        size = len(words)
        score_o, score_p, score_a = 0.0, -1e9, -1e9
        back: list[tuple[int, int, int]] = []
        margins: list[tuple[float, float]] = []
        for i in range(start, end):
            p, a = self._score(words, edge, i, size)
            margins.append((p, a))
            from_o, from_p, from_a = score_o + oo, score_p + po, score_a + ao
            best_o = 0 if from_o >= from_p and from_o >= from_a else 1 if from_p >= from_a else 2
            new_o = (from_o, from_p, from_a)[best_o]
            from_o, from_p, from_a = score_o + op, score_p + pp, score_a + ap
            best_p = 0 if from_o >= from_p and from_o >= from_a else 1 if from_p >= from_a else 2
            new_p = (from_o, from_p, from_a)[best_p] + p
            from_o, from_p, from_a = score_o + oa, score_p + pa, score_a + aa
            best_a = 0 if from_o >= from_p and from_o >= from_a else 1 if from_p >= from_a else 2
            new_a = (from_o, from_p, from_a)[best_a] + a
            score_o, score_p, score_a = new_o, new_p, new_a
            back.append((best_o, best_p, best_a))
        score_o, score_p, score_a = score_o + oo, score_p + po, score_a + ao
        label = 0 if score_o >= score_p and score_o >= score_a else 1 if score_p >= score_a else 2
        labels = [0] * (end - start)
        for i in range(end - start - 1, -1, -1):
            labels[i] = label
            label = back[i][label]
        return _spans(labels, margins, start)

    def _score(self, words: list[Word], edge: Word, i: int, size: int) -> Score:
        word = words[i]
        before = words[i - 1] if i else edge
        after = words[i + 1] if i + 1 < size else edge
        before2 = words[i - 2] if i > 1 else edge
        after2 = words[i + 2] if i + 2 < size else edge
        lp, la, _, _ = self._pair(before.kind, word.kind)
        _, _, rp, ra = self._pair(word.kind, after.kind)
        return (
            word.own_p + before.right_p + after.left_p + before2.right2_p + after2.left2_p + lp + rp,
            word.own_a + before.right_a + after.left_a + before2.right2_a + after2.left2_a + la + ra,
        )

    def _pair(self, left: str, right: str) -> tuple[float, float, float, float]:
        found = self._pairs.get((left, right))
        if found is None:
            name = features.pair(left, right)
            zero = (0.0, 0.0)
            found = (*self._state.get("L" + name, zero), *self._state.get("R" + name, zero))
            self._pairs[left, right] = found
        return found

    def _learn(self, token: str, mode: str) -> Word:
        lists = self.lists.get(fold_word(token), "")
        near = features.beside(token, mode, lists)
        own = self._sum("0", features.own(token, mode, lists))
        right, left = self._sum("-", near), self._sum("+", near)
        right2, left2 = self._sum("<", near), self._sum(">", near)
        word = Word(
            features.kind(token, mode, lists),
            lists,
            *own,
            *left,
            *right,
            *left2,
            *right2,
            max(own),
            max(right),
            max(left),
        )
        if len(self._words[mode]) < _CACHE_SIZE and len(token) < 40:
            self._words[mode][token] = word
        return word

    def _sum(self, prefix: str, found: Sequence[str]) -> Score:
        state = self._state
        p = a = 0.0
        for feature in found:
            weight = state.get(prefix + feature)
            if weight is not None:
                p += weight[0]
                a += weight[1]
        return p, a


def _spans(labels: list[int], margins: list[Score], start: int) -> list[tuple[int, int, str, float]]:
    """Runs of one label other than O, with the mean margin squeezed into 0.5..1 as confidence."""
    found: list[tuple[int, int, str, float]] = []
    i = 0
    while i < len(labels):
        label = labels[i]
        end = i + 1
        while end < len(labels) and labels[end] == label:
            end += 1
        if label:
            mean = sum(m[label - 1] for m in margins[i:end]) / (end - i)
            found.append(
                (start + i, start + end, LABELS[label], round(0.5 + 0.5 * max(mean, 0.0) / (1.0 + abs(mean)), 3))
            )
        i = end
    return found
