"""What the columns of exports are called, in all the ways that agents, vendors and spreadsheets call them."""

from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

ROLES: dict[str, tuple[str, ...]] = {
    role: tuple(names) for role, names in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_bytes()).items()
}
"""Canonical names, each with what it is called elsewhere, best first."""

FUZZY_SCORE = 90
FUZZY_LENGTH = 7


def squeeze(name: str) -> str:
    """A header as it is compared: casefolded, nothing but letters and digits.

    >>> squeeze("COMPLAINT_catego ry"), squeeze("Ticket #")
    ('complaintcategory', 'ticket')
    """
    return "".join(c for c in name.casefold() if c.isalnum())


_ROLE_OF = {
    squeeze(name): (role, rank)
    for role, names in reversed(ROLES.items())
    for rank, name in reversed(list(enumerate((*names, role))))
}
_LONG_NAMES = [name for name in _ROLE_OF if len(name) >= FUZZY_LENGTH]


@lru_cache(maxsize=4_096)
def role_of(header: str) -> tuple[str, int] | None:
    """Canonical name of a column and how good the match is (0 is best), or None.

    >>> role_of("customeR iD"), role_of("resolutionstatus"), role_of("Unnamed: 0")
    (('account', 0), ('status', 1), None)
    """
    name = squeeze(header)
    if not name:
        return None
    if found := _ROLE_OF.get(name):
        return found
    if len(name) < FUZZY_LENGTH:
        return None
    near = process.extractOne(name, _LONG_NAMES, scorer=fuzz.ratio, score_cutoff=FUZZY_SCORE)
    return (_ROLE_OF[near[0]][0], 1_000) if near else None


def is_known(header: str) -> bool:
    """Whether a cell is a header that this module knows, letter for letter (not merely alike)."""
    return squeeze(header) in _ROLE_OF
