"""Passports, driver's licences and voter's cards."""

from typing import Any

from services.cleaner.masking.lexicon import words
from services.cleaner.masking.recognisers.base import PatternRecogniser, always, touches_word
from services.cleaner.masking.runs import words_around
from services.cleaner.masking.spans import Finding

_PASSPORT = words("passport passports intl international travel")
_LICENCE = words("licence license licences licenses driver drivers driving frsc dl")
_VOTER = words("vin pvc voter voters inec card")
_TICKET = words("tkt ticket sr ref reference inc tickets case")


def _cued(scan: str, match: Any, cues: frozenset[str]) -> bool:
    before, after = words_around(scan, match.start(), match.end())
    return bool(cues & set(before)) or bool(cues & set(after[:3]))


def _value(match: Any) -> str:
    return "".join(c for c in match[0].upper() if c.isalnum())


def _passport(match: Any, scan: str) -> Finding | None:
    if touches_word(scan, *match.span()):
        return None
    cued = _cued(scan, match, _PASSPORT)
    usual = match[0][0] in "ABab" and match[0][1:].isdigit() and len(match[0]) == 9
    if not cued and (not usual or _cued(scan, match, _TICKET)):
        return None
    return Finding(match.start(), match.end(), "ID", 0.95 if cued else 0.7, _value(match))


def _licence(match: Any, scan: str) -> Finding | None:
    if touches_word(scan, *match.span()):
        return None
    cued = _cued(scan, match, _LICENCE)
    return Finding(match.start(), match.end(), "ID", 0.97 if cued else 0.85, _value(match))


def _wide_licence(match: Any, scan: str) -> Finding | None:
    if touches_word(scan, *match.span()) or not any(c.isdigit() for c in match[0]):
        return None
    return Finding(match.start(), match.end(), "ID", 0.8, _value(match)) if _cued(scan, match, _LICENCE) else None


def _voter(match: Any, scan: str) -> Finding | None:
    text = match[0].replace(" ", "")
    if touches_word(scan, *match.span()) or text.isdigit() or text.isalpha():
        return None
    return Finding(match.start(), match.end(), "ID", 0.9, _value(match)) if _cued(scan, match, _VOTER) else None


PASSPORT = PatternRecogniser(
    type="ID",
    beside=1 << 7 | 1 << 8,
    trigger=always,
    pattern=r"(?i)[A-Z]{1,2}[ -]?\d{7,8}",
    digits=7,
    finding=_passport,
    positive=("A12345678", "B01234567", "my passport no is c1234567"),
    negative=("T12345678", "ticket A12345678", "N12345678"),
)

LICENCE = PatternRecogniser(
    type="ID",
    beside=1 << 5,
    trigger=always,
    pattern=r"(?i)[A-Z]{3}[ -]?\d{5}[ -]?[A-Z]{2}[ -]?\d{2}",
    digits=7,
    finding=_licence,
    positive=("ABC12345DE12", "licence abc 12345 de 12"),
    negative=("ABC1234DE12",),
)

WIDE_LICENCE = PatternRecogniser(
    type="ID",
    cues=("licen", "driv", "frsc"),
    trigger=always,
    pattern=r"(?i)[A-Z]{3}[ -]?[A-Z0-9]{6,12}|[A-Z]{1,2}\d{3,4}[ -]\d{3,4}[ -]\d{3,4}[ -]?\d{0,3}|[A-Z]{1,2}\d{6,8}",
    digits=6,
    finding=_wide_licence,
    positive=("drivers license LAG123456AB",),
    negative=("LAG123456AB", "license for drivers renewed"),
)

VOTER = PatternRecogniser(
    type="ID",
    cues=("vin", "pvc", "voter", "inec"),
    trigger=always,
    pattern=r"(?i)[A-Z0-9]{19}|\d[A-Z0-9]{3}(?: [A-Z0-9]{4}){3} [A-Z0-9]{3}",
    digits=6,
    finding=_voter,
    positive=("my PVC VIN is 90F5AFBE0F296549837", "voter card 90f5 afbe 0f29 6549 837"),
    negative=("90F5AFBE0F296549837", "vin 9012345678901234567"),
)
