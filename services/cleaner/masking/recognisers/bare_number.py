"""Any other run of 10 to 13 digits: whatever it is, it may identify somebody."""

from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number


def _confidence(number: Number) -> float:
    if number.glued_before:
        return 0.0
    size = len(number.digits)
    if len(number.sizes) == 1:
        return 0.3 if 10 <= size <= 13 else 0.0
    identifying = min(number.sizes) >= 2 and max(number.sizes) <= 6
    amounts = all(len(g) > 2 and set(g[-2:]) == {"0"} for g in _pieces(number))
    return 0.2 if 10 <= size <= 13 and identifying and not amounts else 0.0


def _pieces(number: Number) -> list[str]:
    pieces, at = [], 0
    for size in number.sizes:
        pieces.append(number.digits[at : at + size])
        at += size
    return pieces


RECOGNISER = NumberRecogniser(
    type="NUMBER",
    confidence=_confidence,
    positive=("1234567890", "123456789012", "9876543210123"),
    negative=("123456789", "TKT 1234567890", "ref no 123456789012", "12345678901234", "N1234567890"),
)
