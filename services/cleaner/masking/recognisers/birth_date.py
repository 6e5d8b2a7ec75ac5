"""Dates of birth: a date beside words of birth. Dates of events stay."""

from typing import Any

from services.cleaner.masking.recognisers.base import PatternRecogniser, always
from services.cleaner.masking.spans import Finding

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
DATE = (
    r"\d{1,2}(?:st|nd|rd|th)?(?: ?of)?[ ,./-]{1,2}" + _MONTH + r"\.?,?[ ,./-]{0,2}(?:\d{4}|\d{2})?"
    r"|" + _MONTH + r"\.?[ ./-]\d{1,2}(?:st|nd|rd|th)?,?(?: \d{4})?"
    r"|\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{8}\b|(?:19|20)\d\d\b"
)


def _finding(match: Any, scan: str) -> Finding | None:
    start, end = match.span(1)
    if end < len(scan) and scan[end].isdigit():
        return None
    text = scan[start:end].rstrip(" ,.")
    return Finding(start, start + len(text), "DOB", 0.95, text.lower())


RECOGNISER = PatternRecogniser(
    type="DOB",
    cues=("born", "birth", "dob", "d.o.b", "bday", "b/day", "haihu", "haife", "amuru", "bi mi", "jo ibi", "omumu"),
    trigger=always,
    pattern=r"(?i)\b(?:d\.?o\.?b\.?|date ?of ?birth|birth ?da(?:te|y)|b/?day|born(?: (?:on|in|for))?"
    r"|haihuwa|haife \pL{2,4}|ojo ibi|bi mi(?: ni)?|amuru m(?: na)?|ubochi omumu)\b[^\d\n]{0,24}?\b(" + DATE + ")",
    digits=2,
    finding=_finding,
    positive=(
        "DOB 12/03/1988",
        "date of birth: 12th March 1988",
        "born on 1988-03-12",
        "my birthday is March 12, 1988",
        "D.O.B 3-4-90",
    ),
    negative=("since 12/03/2026", "on 12th March", "born again christian"),
)
