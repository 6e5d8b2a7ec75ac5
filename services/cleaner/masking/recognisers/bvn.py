"""Bank verification numbers: 11 digits that start with 22."""

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number


def _confidence(number: Number) -> float:
    if len(number.digits) != 11 or number.glued_before:
        return 0.0
    cue = lexicon.near(lexicon.BVN, number.before) or lexicon.near(lexicon.BVN, number.after[::-1])
    nearer = lexicon.near(lexicon.NIN, number.before)
    if cue and (not nearer or cue < nearer):
        return 0.995
    if number.digits.startswith("22"):
        return 0.6 if len(number.sizes) > 1 else 0.9
    return 0.0


RECOGNISER = NumberRecogniser(
    type="BVN",
    confidence=_confidence,
    positive=("22123456789", "my bvn 22212345678", "BVN: 222-1234-5678", "bvn na 12345678901"),
    negative=("2212345678", "NIN 22123456789", "08031234567"),
)
