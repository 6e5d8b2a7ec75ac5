"""Number plates (National Road Traffic Regulations 2012): KJA-123AB and its looser spellings."""

from typing import Any

from services.cleaner.masking.lexicon import words
from services.cleaner.masking.recognisers.base import PatternRecogniser, always, touches_word
from services.cleaner.masking.runs import words_around
from services.cleaner.masking.spans import Finding

_CUES = words(
    "plate plates vehicle car bike motor keke okada bus truck registration reg tricycle mota moto danfo taxi uber bolt"
)
_WORDS = words(
    "the for and buy pay got get was her his our you all any can but not day sim mtn glo ngn top use via now add"
)
_UNITS = words("MB GB KB TB HR NG AM PM TH ST ND RD GH KM KG")


def _finding(match: Any, scan: str) -> Finding | None:
    if touches_word(scan, *match.span()):
        return None
    text = match[0]
    letters = text[:3].lower()
    if text[-2:].upper() in _UNITS or letters in _WORDS:
        return None
    before, after = words_around(scan, *match.span())
    cued = bool(_CUES & set(before)) or bool(_CUES & set(after))
    written_so = text[:3].isupper() and text[-2:].isupper()
    joined = not (text[3] == " " and text[-3] == " ")
    if not cued and not (written_so or (joined and "-" in text)):
        return None
    return Finding(
        match.start(), match.end(), "PLATE", 0.95 if cued else 0.8, "".join(c for c in text.upper() if c.isalnum())
    )


RECOGNISER = PatternRecogniser(
    type="PLATE",
    beside=1 << 3,
    trigger=always,
    digits=3,
    pattern=r"(?i)[A-Z]{3}[- ]?\d{3}[- ]?[A-Z]{2}",
    finding=_finding,
    positive=("KJA-123AB", "my car app 456cv", "EPE 456 XA", "plate number lsd123ab"),
    negative=("KJA-12AB", "buy 100 mb", "for 500 na", "pay 200 to them", "the 100MB"),
)
