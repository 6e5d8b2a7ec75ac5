"""Tax numbers: 8 digits, a hyphen, 4 digits (FIRS); beside the word TIN also 10 or 12 to 13 digits (JTB)."""

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number


def _confidence(number: Number) -> float:
    if number.glued_before:
        return 0.0
    cue = lexicon.near(lexicon.TIN, number.before)
    if number.sizes == (8, 4) and number.gaps[0].strip() == "-":
        return 0.95 if cue else 0.85
    return 0.98 if cue and cue <= 4 and len(number.digits) in (8, 9, 10, 12, 13) else 0.0


RECOGNISER = NumberRecogniser(
    type="TIN",
    confidence=_confidence,
    positive=("12345678-0001", "my TIN 1234567890", "tin number is 20123456-0001"),
    negative=("12345678", "1234-5678"),
)
