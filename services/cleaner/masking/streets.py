"""Addresses by rule: a number, a name, and a word for a street."""

from collections.abc import Sequence

from services.cleaner.masking.lexicon import words
from services.cleaner.masking.tagger import Tagged, Tagger
from services.cleaner.masking.tokens import fold_word

_HOUSES = words(
    "no number plot block flat house suite shop office room box apt apartment unit floor km ile ojule opopona gida "
    "layin titin unguwar nomba lamba layi adugbo rue via calle platz allee ulica ul rua avenida avda piazza viale "
    "corso av bd camino chaussee"
)
_STREETS = words(
    "street st str road rd avenue ave close crescent cres drive lane way boulevard expressway estate layout"
)
_STREETS_ABROAD = words(
    "alley arcade bend bluff branch bridge brook bypass camp canyon causeway center circle cliff cliffs club "
    "common corner corners course court courts cove coves creek crest crossing crossroad curve dale dam divide "
    "estates extension falls ferry field fields flat flats ford fords forest forge fork forks fort freeway garden "
    "gardens gateway glen glens green greens grove groves harbor harbors haven heights highway hill hills hollow "
    "inlet island islands isle junction key keys knoll knolls lake lakes landing light lights loaf lock locks "
    "lodge loop mall manor manors meadow meadows mews mill mills mission motorway mount mountain mountains neck "
    "orchard oval overpass park parks parkway parkways pass passage path pike pine pines place plain plains plaza "
    "point points port ports prairie radial ramp ranch rapid rapids rest ridge ridges river roads route row run "
    "shoal shoals shore shores skyway spring springs spur spurs square squares station stravenue stream streets "
    "summit terrace throughway trace track trafficway trail trailer tunnel turnpike underpass union unions valley "
    "valleys via viaduct view views village villages ville vista walk walks wall ways well wells ln dr ct pl blvd "
    "hwy pkwy sq ter terr rd"
)
_SEEN = frozenset(
    [form for word in _STREETS for form in (word, word.title(), word.upper())]
    + [form for word in _STREETS_ABROAD for form in (word.title(), word.upper())]
)
_NO = frozenset(("no", "No", "NO"))
_STOP = "."
_MANY_COMMAS = 2
_HINTS = _SEEN | {form for w in _HOUSES - {"number", "no", "km"} for form in (w, w.title(), w.upper())}
_COUNTRIES = frozenset(
    {"Australia", "France", "Germany", "Italy", "Spain", "Canada", "Austria", "Belgium", "Denmark", "Finland", "Norway"}
    | {"Sweden", "Netherlands", "Ireland", "UK", "USA"}
)
_TOWN_TOKENS = 10
_TOWN_MARKS = frozenset(",.-#")
_BETWEEN = frozenset(".,")
_LONG_NUMBER = 6
_SURE_ADDRESS = 0.85
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


def may_hold_address(scan: str, tokens: Sequence[str]) -> bool:
    """Whether a text with a number names a street or a house, or is laid out like an address."""
    if not _HINTS.isdisjoint(tokens) or "\n" in scan or scan.count(",") > _MANY_COMMAS:
        return True
    # "no" is a word for a house only with a number behind it.
    return not _NO.isdisjoint(tokens) and any(
        (after[0].isdigit() or (after == "." and beyond[0].isdigit()))
        for token, after, beyond in zip(tokens, tokens[1:], [*tokens[2:], _STOP], strict=False)
        if token in _NO
    )


def find_streets(tokens: Sequence[str], tagger: Tagger) -> list[Tagged]:
    """(first token, end, "A", confidence) of each street with a number: "12 Adeola Odeku Street".

    Between number and street stand one to three words, none of them an everyday word unless it is capitalised.
    """
    found: list[Tagged] = []
    if _SEEN.isdisjoint(tokens):
        return found
    for at in [i for i, token in enumerate(tokens) if token in _SEEN]:
        for first in range(at - 2, max(at - 6, -1), -1):
            token = tokens[first]
            if token[0].isdigit():
                if len(token) < _LONG_NUMBER and first + 1 < at:
                    found.append((_with_house_word(tokens, first), _with_town(tokens, at + 1), "A", 0.9))
                break
            if token not in _BETWEEN and not _names_a_street(token, tagger):
                break
    return found


def _with_town(tokens: Sequence[str], end: int) -> int:
    """Where the address ends: behind town, state and postcode, where capitals lead to a postcode within some words."""
    for at in range(end, min(end + _TOWN_TOKENS, len(tokens))):
        token = tokens[at]
        if token[0].isdigit():
            after = at + 1
            if len(token) in (4, 5) and at > end:
                if after + 1 < len(tokens) and tokens[after] == "-" and tokens[after + 1][0].isdigit():
                    after += 2
                return after + 1 if after < len(tokens) and tokens[after] in _COUNTRIES else after
            if len(token) > _LONG_NUMBER or at + 1 == len(tokens):
                return end
        elif not (token[0].isupper() or token in _TOWN_MARKS):
            return end
    return end


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


def is_address(words: Sequence[str], tagger: Tagger, confidence: float) -> bool:
    """A house and a street: a number, and a word for a house or a street."""
    folded = [fold_word(w) for w in words]
    if (
        len(words) > 4
        and confidence > _SURE_ADDRESS
        and sum(w[0].isupper() for w in words) > 2
        and any(w[0].isdigit() for w in words)
    ):
        return True
    return any(w[0].isdigit() and len(w) < 6 for w in words) and any(
        "S" in tagger.lists.get(w, "") or w in _STREETS_ABROAD or w in _HOUSES or w.endswith(_STREET_ENDINGS)
        for w in folded
    )
