"""Cheap tests: whether a text may hold something that is worth a closer look."""

import re

_BESIDE = re.compile(r"[A-Za-z][ -]?\d{2}|\d[A-Za-z]{2}|\d[A-Za-z]\d")


def digits_beside_letters(scan: str) -> bool:
    """Letters that touch digits, as in plates, passports and licences."""
    return _BESIDE.search(scan) is not None
