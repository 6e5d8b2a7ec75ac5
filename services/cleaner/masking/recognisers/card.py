"""Payment cards: 13 to 19 digits with a Luhn check, Verve's ranges included; beside the word card without it."""

import re

from services.cleaner.masking import lexicon
from services.cleaner.masking.checks import luhn
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number

_BRANDS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|(?:5[06789]|6[0-9])\d{14}(?:\d{2,3})?|(?:5[06789]|6[37])\d{10}"
)
_CUES = lexicon.CARD - {"credit", "debit", "kati", "kaadi"}


def _confidence(number: Number) -> float:
    digits = number.digits
    if not 12 <= len(digits) <= 19 or number.glued_before or number.plus:
        return 0.0
    valid = luhn(digits) and _BRANDS.fullmatch(digits) is not None
    cue = lexicon.near(lexicon.CARD, number.before)
    voucher = lexicon.near(lexicon.VOUCHER - lexicon.CARD, number.before)
    if valid and len(digits) >= 13:
        return 0.97 if cue or len(digits) == 16 else 0.9
    if lexicon.near(_CUES, number.before) and not voucher and len(digits) >= 14:
        return 0.7
    return 0.5 if number.sizes == (4, 4, 4, 4) and not voucher else 0.0


RECOGNISER = NumberRecogniser(
    type="CARD",
    confidence=_confidence,
    positive=("5060995800000009", "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005"),
    negative=("4111111111111112", "recharge card pin 1234 5678 9012 3456"),
)
