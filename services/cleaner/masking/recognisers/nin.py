"""National identification numbers: 11 digits. No check digit is published, so none is asked for."""

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number

_OTHERS = lexicon.PHONE | lexicon.BVN | lexicon.ACCOUNT


def _confidence(number: Number) -> float:
    if len(number.digits) != 11 or number.glued_before:
        return 0.0
    cue = lexicon.near(lexicon.NIN, number.before) or lexicon.near(lexicon.NIN, number.after[::-1])
    if cue:
        nearer = lexicon.near(
            _OTHERS - {"number", "numba", "no", "num", "nos", "lamba", "lambar", "nomba", "sim", "from"}, number.before
        )
        return 0.99 if not nearer or cue <= nearer else 0.7
    return 0.55 if len(number.sizes) == 1 else 0.0


RECOGNISER = NumberRecogniser(
    type="NIN",
    confidence=_confidence,
    positive=("12345678902", "12345678901", "my NIN is 08031234567", "NIN: 1234 567 8902", "nin number na 70123456789"),
    negative=("1234567890", "08031234567", "22123456789"),
)
