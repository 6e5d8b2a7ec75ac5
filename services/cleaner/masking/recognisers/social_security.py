"""Social security numbers of the United States: three, two and four digits with hyphens (or beside the word SSN)."""

from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number


def _confidence(number: Number) -> float:
    if len(number.digits) != 9 or number.glued_before:
        return 0.0
    named = bool({"ssn", "ssns", "social"} & set(number.before))
    if number.sizes == (3, 2, 4) and (named or all(gap.strip() == "-" for gap in number.gaps)):
        return 0.95
    return 0.9 if named else 0.0


RECOGNISER = NumberRecogniser(
    type="ID",
    confidence=_confidence,
    positive=("SSN 078-05-1120", "ssn is 078051120", "078-05-1120"),
    negative=("078051120", "078/05/1120"),
)
