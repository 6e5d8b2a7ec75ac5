"""The second scan: independent of the masking engine and far simpler, over what is about to leave the cleaner.

It shares no code with the engine, so that one fault does not blind both. It knows only what is unmistakable: what it
finds is a leak, not a guess, so that good events pass.
"""

import re
import unicodedata
import uuid
from collections.abc import Collection
from typing import Final

_MASK = re.compile(r"\[[A-Z]{2,10}_\d{1,6}\]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[A-Za-z]{2}")
_DIGITS = re.compile(r"\d+")
_SPACED = re.compile(r"\d[\d ().\-]{8,24}\d")
_MOBILE = re.compile(r"(?:234|0)[789][01]\d{8}")
_LINKS = r"no|number|num|id|is|na|are|code|nr|nos|of|the|my|[:#.\-=/,(]"
_TICKET = re.compile(
    r"(?:^|[^a-z])(?:tkts?|tickt|tickets?|srs?|refs?|references?|inc)(?:no|id)?"
    r"(?:[ 	]{0,3}(?:" + _LINKS + r"))*[ 	:#.\-=/,(]*$"
)
_PSEUDONYM = re.compile(r"k\d{1,6}_[a-z2-7]{26}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:\-]{0,63}")
_LOOK_BACK: Final = 40

DEFAULT_HOTLINES: Final[frozenset[str]] = frozenset()


def leaks(text: str, hotlines: Collection[str] = DEFAULT_HOTLINES) -> list[str]:
    """Types of personal data that a masked text still holds, sorted; empty when it is clean.

    hotlines are digit runs that may stand (published numbers).

    >>> leaks("call [PHONE_1] about TKT 1234567890"), leaks("call 08031234567")
    ([], ['NUMBER'])
    """
    plain = _MASK.sub(" ", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    found: set[str] = set()
    if "@" in plain and _EMAIL.search(plain):
        found.add("EMAIL")
    for match in _DIGITS.finditer(plain):
        size = match.end() - match.start()
        if size >= 10 and _bare(plain, match.start(), match.end()) and _national(match[0]) not in hotlines:
            digits = "".join([str(unicodedata.digit(c)) for c in match[0]]) if size < 20 else match[0]
            if size <= 13:
                found.add("NUMBER")
            elif 15 <= size <= 19 and _luhn(digits) and (digits[0] in "3456" or digits.startswith("89234")):
                found.add("CARD" if size >= 16 else "IMEI")
    for match in _SPACED.finditer(plain):
        digits = re.sub(r"\D", "", match[0])
        spaced = _MOBILE.fullmatch(digits) and digits != match[0] and _uniform(match[0])
        if spaced and _bare(plain, match.start(), match.end()) and _national(digits) not in hotlines:
            found.add("PHONE")
    return sorted(found)


def is_uuid(value: str) -> bool:
    """A UUID in its canonical form."""
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def is_pseudonym(value: str) -> bool:
    """A pseudonym: k<version>_<26 characters of base32>."""
    return _PSEUDONYM.fullmatch(value) is not None


def is_enum(value: str, allowed: Collection[str]) -> bool:
    """One of a closed list."""
    return value in allowed


def is_traceparent(value: str) -> bool:
    """A W3C trace context header."""
    return _TRACEPARENT.fullmatch(value) is not None


def is_name(value: str) -> bool:
    """A technical name (a source, a column, a rule): ASCII, no spaces, no long run of digits."""
    return _NAME.fullmatch(value) is not None and re.search(r"\d{7}", value) is None


def _bare(text: str, start: int, end: int) -> bool:
    """Not part of a code or an amount, and not behind a ticket word."""
    left = text[start - 1] if start else " "
    right = text[end] if end < len(text) else " "
    if left.isalnum() or left in "_₦$£€#*" or right.isalnum() or right == "_":
        return False
    return _TICKET.search(text[max(0, start - _LOOK_BACK) : start].lower()) is None


def _national(digits: str) -> str:
    """0803.. of 234803..; other numbers as they are."""
    return "0" + digits[3:] if digits.startswith("234") and len(digits) == 13 else digits


def _uniform(text: str) -> bool:
    return len(set(re.sub(r"\d", "", text))) <= 1


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
