"""Names and addresses: what the tagger says, tidied and checked against places and organisations."""

from collections.abc import Collection, Sequence

from services.cleaner.masking.lexicon import words
from services.cleaner.masking.spans import Finding
from services.cleaner.masking.tagger import Tagger
from services.cleaner.masking.tokens import fold_word

_NAMES_TOO = words("prince princess justice major general king queen baba iya sunday")
_HOUSES = words(
    "no number plot block flat house suite shop office room box apt apartment unit floor km ile ojule opopona gida "
    "layin titin unguwar nomba lamba layi adugbo rue via calle platz allee ulica ul rua avenida avda piazza viale "
    "corso av bd camino chaussee"
)
_STREETS = words(
    "street st str road rd avenue ave close crescent cres drive lane way boulevard expressway estate layout"
)
_BETWEEN = frozenset(".,")
_LONG_NUMBER = 6
_STREET_ENDINGS = (
    "strasse",
    "straße",
    "str",
    "straat",
    "gatan",
    "vagen",
    "weg",
    "laan",
    "gade",
    "vej",
    "platz",
    "gasse",
    "ring",
)
_INSIDE = frozenset("-'")
_STOP = "."
_TRIM = frozenset(",.;:-'\"()[]{}!?/&|*_<>=+~#")


def find_people(
    scan: str, tokens: Sequence[str], tagger: Tagger, places: Collection[str] = frozenset()
) -> list[Finding]:
    """Names as PERSON and addresses as ADDRESS, in offsets of scan. places are phrases that are no names."""
    tagged = [*tagger.spans(tokens), *_streets(tokens, tagger)]
    if not tagged:
        return []
    starts = _starts(scan, tokens)
    found: list[Finding] = []
    for first, end, label, confidence in tagged:
        pieces = [(first, end)] if label == "A" else _names_of(tokens, first, end, tagger)
        for left, right in pieces:
            left, right = _trimmed(tokens, left, right)
            chosen = tokens[left:right]
            if not chosen or not (_is_address(chosen, tagger) if label == "A" else _is_person(chosen, tagger, places)):
                continue
            stop = starts[right - 1] + len(tokens[right - 1])
            if label == "P" and tokens[right - 1][-2:].lower() == "'s":
                stop -= 2
            value = " ".join([fold_word(w) for w in chosen if w[0].isalnum()])
            found.append(Finding(starts[left], stop, "PERSON" if label == "P" else "ADDRESS", confidence, value))
    return found


def _streets(tokens: Sequence[str], tagger: Tagger) -> list[tuple[int, int, str, float]]:
    """A number, one to three words that are no everyday words, and a word for a street: "12 Adeola Odeku Street"."""
    found: list[tuple[int, int, str, float]] = []
    for at in [i for i, token in enumerate(tokens) if fold_word(token) in _STREETS]:
        for first in range(at - 2, max(at - 6, -1), -1):
            token = tokens[first]
            if token[0].isdigit():
                if len(token) < _LONG_NUMBER and first + 1 < at:
                    found.append((_with_house_word(tokens, first), at + 1, "A", 0.9))
                break
            if token not in _BETWEEN and not _names_a_street(token, tagger):
                break
    return found


def _names_a_street(token: str, tagger: Tagger) -> bool:
    """Not an everyday word, unless it is capitalised as a street's name is."""
    if not token[0].isalpha():
        return False
    code = tagger.lists.get(fold_word(token), "")
    return "C" not in code if token[0].islower() else "C" not in code or "N" in code or "P" in code


def _with_house_word(tokens: Sequence[str], first: int) -> int:
    """Where the address starts: "No", "Plot" and the like in front belong to it."""
    at = first
    if at and tokens[at - 1] in _BETWEEN:
        at -= 1
    return at - 1 if at and fold_word(tokens[at - 1]) in _HOUSES else first


def _names_of(tokens: Sequence[str], first: int, end: int, tagger: Tagger) -> list[tuple[int, int]]:
    """The run cut where one name ends: at a comma, a line's end, a full stop that is none of an initial's."""
    pieces: list[tuple[int, int]] = []
    start = first
    for i in range(first, end):
        token = tokens[i]
        if token[0].isalnum() or token in _INSIDE or (token == _STOP and i > first and len(tokens[i - 1]) == 1):
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
    while right > left and tokens[right - 1] in _TRIM and not _is_initial(tokens, right):
        right -= 1
    return left, right


def _starts(scan: str, tokens: Sequence[str]) -> list[int]:
    """Where each token starts."""
    starts: list[int] = []
    at = 0
    for token in tokens:
        at = scan.index(token, at)
        starts.append(at)
        at += len(token)
    return starts


def _is_initial(tokens: Sequence[str], end: int) -> bool:
    """A full stop behind a single letter belongs to the name: "Ngozi E."."""
    return tokens[end - 1] == "." and end > 1 and len(tokens[end - 2]) == 1 and tokens[end - 2].isupper()


def _is_person(chosen: Sequence[str], tagger: Tagger, places: Collection[str]) -> bool:
    """Some word may be a name, and the whole is no place."""
    letters = [fold_word(w) for w in chosen if w[0].isalpha()]
    if not letters or all(len(w) == 1 for w in letters) or " ".join(letters) in places:
        return False
    codes = [tagger.lists.get(w, "") for w in letters]
    if any(not code or "N" in code or "W" in code for code in codes):
        return True
    return len(letters) > 1 and chosen[0][0].isupper() and any(code in ("D", "P", "DP") for code in codes)


def _is_address(words: Sequence[str], tagger: Tagger) -> bool:
    """A house and a street: a number, and a word for a house or a street."""
    folded = [fold_word(w) for w in words]
    return any(w[0].isdigit() and len(w) < 6 for w in words) and any(
        "S" in tagger.lists.get(w, "") or w in _HOUSES or w.endswith(_STREET_ENDINGS) for w in folded
    )
