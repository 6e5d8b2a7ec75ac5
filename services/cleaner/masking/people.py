"""Names and addresses: what the tagger says, tidied and checked against places and organisations."""

from collections.abc import Collection, Sequence

from services.cleaner.masking.features import NORMAL, casing
from services.cleaner.masking.full_names import FullNames
from services.cleaner.masking.lexicon import words
from services.cleaner.masking.spans import Finding
from services.cleaner.masking.streets import find_streets, is_address, may_hold_address
from services.cleaner.masking.tagger import Tagged, Tagger
from services.cleaner.masking.tokens import fold_word

_NAMES_TOO = words("prince princess justice major general king queen baba iya sunday")
_SURE = 0.85
"""Confidence that it takes for words in lower case that no list of names holds."""
_JOINING = words("de da do dos das di del della der den van von zu el al bin ibn bint la le ter ten y e of")
_WITHOUT_DICTIONARY = frozenset(("yo", "ha", "ig"))
"""Languages of which we know too few words to take an unknown one that nothing introduces for a name."""
_GIVES_A_NAME = words("sunana sunan suna ni bu je aha oruko name :")
_INSIDE = frozenset("-'")
_STOP = "."
_OF_POSSESSIVE = "s"
_APOSTROPHE = "'"
_TRIM = frozenset(",.;:-'\"()[]{}!?/&|*_<>=+~#")


class People:
    """Finds names and addresses. places are phrases that are no names."""

    def __init__(self, tagger: Tagger, places: Collection[str]) -> None:
        self._tagger = tagger
        self._places = places
        self._full_names = FullNames(tagger)

    def find(self, scan: str, tokens: Sequence[str], *, numbered: bool, language: str) -> list[Finding]:
        """Names as PERSON and addresses as ADDRESS, in offsets of scan.

        numbered tells whether there is a digit, without which there is no address; language is that of the text.
        """
        mode = casing(tokens)
        tagged = self._tagger.spans(tokens, mode, addresses=numbered and may_hold_address(scan, tokens))
        if mode == NORMAL:
            tagged = self._full_names.complete(tokens, tagged)
        if numbered:
            tagged = _joined(tagged, find_streets(tokens, self._tagger))
        if not tagged:
            return []
        starts = _starts(scan, tokens, max([end for _, end, _, _ in tagged]))
        found: list[Finding] = []
        for first, end, label, confidence in tagged:
            pieces = [(first, end)] if label == "A" else _names_of(tokens, first, end, self._tagger)
            for left, right in pieces:
                left, right = _trimmed(tokens, left, right)
                chosen = tokens[left:right]
                if not chosen:
                    continue
                if label == "A":
                    kept = is_address(chosen, self._tagger, confidence)
                else:
                    kept = _is_person(chosen, self._tagger, self._places, mode, confidence)
                    if kept and language in _WITHOUT_DICTIONARY and right - left == 1:
                        kept = _is_listed(chosen[0], self._tagger) or _is_introduced(tokens, left, self._tagger)
                if kept:
                    stop = starts[right - 1] + len(tokens[right - 1])
                    value = " ".join([fold_word(w) for w in chosen if w[0].isalnum()])
                    kind = "PERSON" if label == "P" else "ADDRESS"
                    found.append(Finding(starts[left], stop, kind, confidence, value))
        return found


def _is_introduced(tokens: Sequence[str], at: int, tagger: Tagger) -> bool:
    """Whether a title or a word that gives a name stands before a token."""
    if at and tokens[at - 1] == _STOP:
        at -= 1
    if at == 0:
        return False
    before = fold_word(tokens[at - 1])
    return before in _GIVES_A_NAME or "T" in tagger.lists.get(before, "")


def _is_listed(word: str, tagger: Tagger) -> bool:
    """Whether a word is a name by the lists."""
    code = tagger.lists.get(fold_word(word), "")
    return "N" in code or "W" in code


def _joined(tagged: list[Tagged], streets: list[Tagged]) -> list[Tagged]:
    """Both, with addresses that touch or overlap made one."""
    if not streets:
        return tagged
    found: list[Tagged] = []
    for span in sorted([*tagged, *streets]):
        if found and span[2] == found[-1][2] == "A" and span[0] <= found[-1][1]:
            first, end, label, confidence = found[-1]
            found[-1] = (first, max(end, span[1]), label, max(confidence, span[3]))
        else:
            found.append(span)
    return found


def _names_of(tokens: Sequence[str], first: int, end: int, tagger: Tagger) -> list[tuple[int, int]]:
    """The run cut where one name ends: at a comma, a line's end, a full stop that is none of an initial's.

    In a run with capitals a word in lower case ends a name too, unless it is one of those that join names (van, el).
    """
    capitals = any(token[0].isupper() for token in tokens[first:end])
    pieces: list[tuple[int, int]] = []
    start = first
    for i in range(first, end):
        token = tokens[i]
        if token[0].isalnum():
            if not capitals or not token.islower() or token in _JOINING or (i and tokens[i - 1] in _INSIDE):
                continue
        elif token in _INSIDE or (token == _STOP and i > first and len(tokens[i - 1]) == 1):
            continue
        pieces.append((start, i))
        start = i + 1
    pieces.append((start, end))
    return [(_without_title(tokens, left, right, tagger), right) for left, right in pieces if left < right]


def _without_title(tokens: Sequence[str], left: int, right: int, tagger: Tagger) -> int:
    """Where the name starts behind its titles: a title is no name, unless it stands alone or may be one (Prince)."""
    at = left
    while at < right - 1:
        code = tagger.lists.get(fold_word(tokens[at]), "")
        if "T" in code and "N" not in code and fold_word(tokens[at]) not in _NAMES_TOO:
            at += 1
            if at < right - 1 and tokens[at] == ".":
                at += 1
        else:
            break
    return at


def _trimmed(tokens: Sequence[str], left: int, right: int) -> tuple[int, int]:
    while left < right and tokens[left] in _TRIM and tokens[left] != "#":
        left += 1
    if 0 < left < right and tokens[left] == _OF_POSSESSIVE and tokens[left - 1] == _APOSTROPHE:
        left += 1  # the s of "it's"
    while right > left and tokens[right - 1] in _TRIM and not _is_initial(tokens, right):
        right -= 1
    return left, right


def _starts(scan: str, tokens: Sequence[str], count: int) -> list[int]:
    """Where each of the first tokens starts."""
    starts: list[int] = []
    at = 0
    for token in tokens[:count]:
        at = scan.index(token, at)
        starts.append(at)
        at += len(token)
    return starts


def _is_initial(tokens: Sequence[str], end: int) -> bool:
    """A full stop behind a single letter belongs to the name: "Ngozi E."."""
    return tokens[end - 1] == "." and end > 1 and len(tokens[end - 2]) == 1 and tokens[end - 2].isupper()


def _is_person(chosen: Sequence[str], tagger: Tagger, places: Collection[str], mode: str, confidence: float) -> bool:
    """Some word may be a name, and the whole is no place."""
    letters = [fold_word(w) for w in chosen if w[0].isalpha()]
    if not letters or all(len(w) == 1 for w in letters) or " ".join(letters) in places:
        return False
    codes = [tagger.lists.get(w, "") for w in letters]
    if any("N" in code or "W" in code for code in codes):
        return True
    if not any(w[0].isupper() for w in chosen):
        return mode != NORMAL and confidence > _SURE and not all(codes)
    if not all(codes):
        return True
    return len(letters) > 1 and chosen[0][0].isupper() and any(code in ("D", "P", "DP") for code in codes)
