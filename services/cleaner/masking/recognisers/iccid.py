"""Serial numbers of SIM cards: 18 to 20 digits that start with 89 (ITU-T E.118), 89234 for Nigeria."""

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number


def _confidence(number: Number) -> float:
    digits = number.digits
    if not 18 <= len(digits) <= 20 or number.glued_before:
        return 0.0
    if digits.startswith("89234"):
        return 0.99
    if digits.startswith("89"):
        return 0.9
    return 0.8 if lexicon.near(lexicon.ICCID, number.before) else 0.0


RECOGNISER = NumberRecogniser(
    type="ICCID",
    confidence=_confidence,
    positive=("8923430123456789010", "89234301234567890124", "sim serial 8923 4301 2345 6789 010"),
    negative=("89234301234567890",),
)
