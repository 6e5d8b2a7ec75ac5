"""Secrets of four to eight digits and passwords, beside the word that names them."""

import re
from typing import Any

from services.cleaner.masking.lexicon import words
from services.cleaner.masking.recognisers.base import PatternRecogniser, always
from services.cleaner.masking.spans import Finding

_NAMES = (
    r"pins?[12]?|puk ?[12]?|otps?|o\.t\.p|pass ?words?|passwd|pass ?codes?|pwd|pword|pswd|cvv2?|cvc|token"
    r"|(?:security|secret|verification|confirmation|access|activation|puk|pin|otp) code|code"
    r"|kalmar sirri|lambar sirri"
)
_FILL = (
    r"is|na|are|was|be|ni|ne|ce|bu|:|=|-|#|no\.?|number|nos|code|dem|send|sent|me|i|used|use|using|as|to|from|my|the|this|of|for|typed|entered|wrong|correct|"
    r"atm|transfer|sim|card|puk|otp|pin|wey|you|una|give|got|received|say|it|says|shine|itace|wa|je|ji|mi|m|wu|o|a|\(|\)|\"|'|,|\.|>"
)
_OTHER_CODES = words("short agent staff dealer area promo error branch sort zip postal bank country product ussd shop")
_AMOUNTS = words("naira gb mb k kobo times days hours mins minutes % percent dollars attempts digit digits people")


def _digits(match: Any, scan: str) -> Finding | None:
    start, end = match.span(2)
    if end < len(scan) and (scan[end].isalnum() or (scan[end] == "." and scan[end + 1 : end + 2].isdigit())):
        return None
    after = scan[end : end + 12].lower().split()
    if after and after[0].strip(".,") in _AMOUNTS:
        return None
    if match[1].lower() == "code":
        before = scan[max(match.start() - 12, 0) : match.start()].lower().split()
        if before and before[-1] in _OTHER_CODES:
            return None
    return Finding(start, end, "PIN", 0.95, "".join(c for c in scan[start:end] if c.isdigit()))


def _reversed(match: Any, scan: str) -> Finding | None:
    start, end = match.span(1)
    if start and (scan[start - 1].isalnum() or scan[start - 1] in "#*₦$£€.,/-"):
        return None
    return Finding(start, end, "PIN", 0.9, match[1])


def _password(match: Any, scan: str) -> Finding | None:
    start, end = match.span(1)
    text = scan[start:end].rstrip(".,;!?)\"'")
    mixed = any(c.isdigit() for c in text) and any(not c.isdigit() and c not in "-./:," for c in text)
    if len(text) < 4 or not mixed or text.startswith(("[", "*")):
        return None
    return Finding(start, start + len(text), "PIN", 0.85, text)


_CUES = ("pin", "code", "otp", "puk", "pass", "cvv", "cvc", "pwd", "sirri", "pword", "pswd", "token", "o.t.p")
_PASSWORD_CUES = ("passw", "pass w", "pwd", "passc", "pass c", "pword", "pswd")
_REVERSED = re.compile(r"\d{4} (?:is|na|be|as|was) ")


RECOGNISER = PatternRecogniser(
    type="PIN",
    cues=_CUES,
    trigger=always,
    pattern=r"(?i)\b("
    + _NAMES
    + r")(?:\s{0,2}(?:"
    + _FILL
    + r")){0,5}?\s{0,2}\b(\d{4}[ -]\d{4}|\d{3}[ -]\d{3}|\d(?:[ ,-]\d){3,7}|\d{3,8})\b",
    digits=3,
    finding=_digits,
    positive=(
        "my PUK is 12345678",
        "OTP: 4821",
        "pin na 1234",
        "pin2 4455",
        "pin is 1,2,3,4",
        "the pin dem send me 4432",
        "cvv 123",
        "otp 123-456",
    ),
    negative=("short code 300", "Agent code 00291", "pin 4 times", "the code failed 2 times", "code 1000 naira"),
)

REVERSED = PatternRecogniser(
    type="PIN",
    cues=_CUES,
    trigger=lambda clues: _REVERSED.search(clues.lower) is not None,
    pattern=r"(?i)(\b\d{4,8}) (?:is|na|be|as|was) (?:my|the|ur|your|d|our)? ?"
    r"(?:new |old |atm |transfer |sim |momo )?(?:pin|otp|puk|password|passcode|code)\b",
    digits=4,
    finding=_reversed,
    positive=("4821 is my pin", "use 482193 as otp"),
    negative=("N5000 is the pin", "1234 my pin"),
)

PASSWORD = PatternRecogniser(
    type="PIN",
    cues=_PASSWORD_CUES,
    trigger=always,
    pattern=r"(?i)\b(?:pass ?words?|passwd|pwd|pass ?code|pword|pswd)"
    r"(?: (?:for (?:the |my )?)?(?:app|account|portal|selfcare|wifi|router))?\s{0,2}(?:(?:is|na|was|be|to|set as)\b)?"
    r"\s{0,2}[:=(\"'-]{0,3}\s?([^\s\"']{4,40})",
    digits=1,
    finding=_password,
    positive=("password is Chidi@123", "my password: abcd1234"),
    negative=("password is wrong", "password is not working"),
)
