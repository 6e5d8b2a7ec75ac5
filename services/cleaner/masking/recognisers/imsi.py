"""Subscriber identities of a SIM: 15 digits that start with Nigeria's 621 and a network code (ITU-T E.212)."""

import re

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number

_NIGERIAN = re.compile(r"621(?:00|20|22|24|25|26|27|28|30|40|50|60)\d{10}")


def _confidence(number: Number) -> float:
    if len(number.digits) not in (14, 15) or number.glued_before:
        return 0.0
    if lexicon.near(lexicon.IMSI, number.before):
        return 0.99
    return 0.9 if _NIGERIAN.fullmatch(number.digits) else 0.0


RECOGNISER = NumberRecogniser(
    type="IMSI",
    confidence=_confidence,
    positive=("621301234567890", "imsi 622301234567890"),
    negative=("622301234567890",),
)
