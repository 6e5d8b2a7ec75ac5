"""E-mail addresses, those spelled out included ("ada dot obi at gmail dot com")."""

import re
from typing import Any

from services.cleaner.masking.lexicon import words
from services.cleaner.masking.recognisers.base import PatternRecogniser, always
from services.cleaner.masking.spans import Finding

_SPELT = re.compile(r"(?i)\s*[(\[]?\s*\b(at|dot)\b\s*[)\]]?\s*")
_PROVIDERS = r"gmail|yahoo|ymail|hotmail|outlook|icloud|live|rocketmail|protonmail|googlemail|aol|zoho|mail"
_NOT_LOCAL = words("me mail email us here is it am")


def _finding(match: Any, scan: str) -> Finding | None:
    start, end = match.span()
    text = match[0]
    while text and text[-1] in ".-":
        text, end = text[:-1], end - 1
    while text and text[0] in ".-_+%'":
        text, start = text[1:], start + 1
    if not text or text[0] in "@" or (end < len(scan) and scan[end] == "@"):
        return None
    value = re.sub(r"\s+", "", text).lower().replace(",", ".").replace("%40", "@")
    return Finding(start, end, "EMAIL", 0.99, value)


def _spelt(match: Any, scan: str) -> Finding | None:  # noqa: ARG001
    first = match[0].split()[0].lower()
    if first.strip("([") in _NOT_LOCAL:
        return None
    value = _SPELT.sub(lambda m: "@" if m[1].lower() == "at" else ".", match[0]).lower()
    return Finding(match.start(), match.end(), "EMAIL", 0.9, re.sub(r"\s+", "", value))


RECOGNISER = PatternRecogniser(
    type="EMAIL",
    kind="email",
    mark="@",
    trigger=always,
    # The ending may be missing or mistyped where the provider is known: ada@gmail, ada@yahoo,com, ada @gmail.com.
    pattern=r"(?i)[^\s@<>()\[\],;:/\"=&?]+@(?:[a-z0-9-]+\.)+[a-z]{2,24}"
    r"|[a-z0-9._%+-]+ ?@ ?(?:" + _PROVIDERS + r")(?: ?[.,] ?(?:com|co\.uk|co|net|org|ng|fr))?\b"
    r"|[a-z0-9._%+-]{3,} @ (?:[a-z0-9-]+\.)+[a-z]{2,24}",
    finding=_finding,
    positive=("a.b+tag@mail.mtn.ng", "write ada.obi@gmail.com.", "ada@gmail,com", "ada_obi @gmail.com", "ada@yahoo"),
    negative=("@MTN180", "100@2", "@ yahoo"),
)

ENCODED_RECOGNISER = PatternRecogniser(
    type="EMAIL",
    kind="email",
    mark="%",
    trigger=lambda clues: "%40" in clues.scan,
    pattern=r"(?i)[^\s@<>()\[\],;:/\"=&?]+%40(?:[a-z0-9-]+\.)+[a-z]{2,24}",
    finding=_finding,
    positive=("email=ada.obi%40gmail.com",),
    negative=("40% off at the mall",),
)

SPELT_RECOGNISER = PatternRecogniser(
    type="EMAIL",
    kind="email",
    cues=("at)", "at]", "dot"),
    trigger=lambda clues: "at" in clues.lower,
    pattern=r"(?i)\b[a-z0-9._%+-]+(?: (?:dot|underscore) [a-z0-9_-]+){0,3}(?: at | ?[(\[]at[)\]] ?)"
    r"[a-z0-9-]+(?:(?: dot | ?[(\[]dot[)\]] ?|\.)[a-z]{2,12}){1,3}\b",
    finding=_spelt,
    positive=("ada dot obi at gmail dot com", "ada.obi(at)yahoo.com", "ada [at] mail [dot] ng"),
    negative=("look at dot com", "I was at the bank"),
)
