"""What belongs to organisations and is no personal data: handles and hotlines of operators, regulators, banks."""

import re
from importlib import resources
from typing import Final

_HOTLINE_DIGITS = re.compile(r"\D+")


def _lines(name: str) -> list[str]:
    text = resources.files("services.cleaner.masking").joinpath("data", name).read_text("utf-8")
    return [line.split("#")[0].strip() for line in text.splitlines() if line.split("#")[0].strip()]


HANDLES: Final = frozenset(line.removeprefix("@").lower() for line in _lines("handles.txt"))
HOTLINES: Final = frozenset(_HOTLINE_DIGITS.sub("", line) for line in _lines("hotlines.txt"))
_HOTLINE_FORMS: Final = frozenset(
    form
    for number in HOTLINES
    for form in (number, *(prefix + number[1:] for prefix in ("", "234", "2340", "00234") if number[0] == "0"))
)


def is_organisation_handle(name: str) -> bool:
    """Whether a handle (without @) belongs to an operator, a regulator, a bank or a news house."""
    return name.lower() in HANDLES


def is_hotline(digits: str) -> bool:
    """Whether digits, in any of the forms 0803.., 234803.., 803.., are a published hotline."""
    return digits in _HOTLINE_FORMS
