"""Serial numbers of handsets: 15 digits with a Luhn check; beside the word IMEI 14 to 16 without it."""

from services.cleaner.masking import lexicon
from services.cleaner.masking.checks import luhn
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number


def _confidence(number: Number) -> float:
    digits = number.digits
    if not 14 <= len(digits) <= 17 or number.glued_before:
        return 0.0
    cue = lexicon.near(lexicon.IMEI, number.before) or lexicon.near(lexicon.IMEI, number.after[::-1])
    if cue:
        voucher = lexicon.near(lexicon.VOUCHER, number.before)
        return 0.98 if not voucher or cue < voucher else 0.6
    return 0.85 if len(digits) == 15 and luhn(digits) else 0.0


RECOGNISER = NumberRecogniser(
    type="IMEI",
    confidence=_confidence,
    positive=(
        "356868000041418",
        "490154203237518",
        "IMEI 490154203237519",
        "imei: 35-686800-004141-8",
        "IMEI2 490154203237519",
    ),
    negative=("490154203237519",),
)
