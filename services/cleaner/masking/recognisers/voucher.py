"""Recharge vouchers: 10 to 17 digits beside words of recharging."""

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number

_CARDS = lexicon.words("card credit kati kaadi")


def _confidence(number: Number) -> float:
    if not 10 <= len(number.digits) <= 20 or number.glued_before or number.plus:
        return 0.0
    if not lexicon.near(lexicon.VOUCHER - _CARDS, number.before):
        return 0.0
    return 0.84 if 12 <= len(number.digits) <= 17 else 0.45


RECOGNISER = NumberRecogniser(
    type="PIN",
    confidence=_confidence,
    positive=(
        "recharge card 12345678901234567 no load",
        "recharge card pin 1234 5678 9012 3456",
        "voucher 123456789012345",
    ),
    negative=("recharge 1000 naira", "I recharged 08031234567"),
)
