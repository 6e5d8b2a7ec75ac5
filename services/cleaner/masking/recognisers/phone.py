"""Phone numbers: Nigerian mobile and fixed lines, toll-free numbers, and those of the rest of the world."""

import re
from functools import lru_cache

import phonenumbers

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import SURE, NumberRecogniser
from services.cleaner.masking.runs import Number

# Wider than libphonenumber's plan: a number that a typo or a new range puts outside it is personal all the same.
_MOBILE = re.compile(r"(?:(?:00)?2340?|0)(?:70[1-9]|7[12]\d|80[1-9]|81\d|90[1-9]|91\d)\d{7}")
_MOBILE_BARE = re.compile(r"(?:70[1-9]|7[12]\d|80[1-9]|81\d|90[1-9]|91[1-9])\d{7}")
_SERVICE = re.compile(r"(?:(?:00)?2340?|0)[789]00\d{7}")
_NEW_FIXED = re.compile(r"(?:(?:00)?2340?|0)20[1-9]\d{7}")
_FIXED = re.compile(r"(?:(?:00)?2340?|0)(?:20[1-9]\d{7}|[1-9]\d{7}|[3-9]\d{6,8})")
_NOT_PHONE = lexicon.NIN | lexicon.BVN | lexicon.ACCOUNT | lexicon.TIN | lexicon.IMEI | lexicon.VOUCHER
_AS_LONG = lexicon.NIN | lexicon.BVN
"""Words for the other numbers that are as long as a mobile one."""
_CUES = lexicon.PHONE - lexicon.words("sim from numba number numbers no num nos lamba lambar lambata nomba ero mi pe")


@lru_cache(maxsize=16_384)
def _abroad(digits: str, plus: bool) -> bool:
    """Whether libphonenumber takes it for a valid number of some country."""
    try:
        number = phonenumbers.parse("+" + digits.removeprefix("00"), None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) if not plus else phonenumbers.is_possible_number(number)


def _confidence(number: Number) -> float:
    digits, sizes = number.digits, number.sizes
    if not 7 <= len(digits) <= 16 or (len(digits) < 10 and len(sizes) > 3 and not number.plus):
        return 0.0
    mobile = _MOBILE.fullmatch(digits) is not None
    if mobile and _AS_LONG.isdisjoint(number.before):
        return SURE
    other = lexicon.near(_NOT_PHONE, number.before)
    cue = lexicon.near(lexicon.PHONE, number.before)
    specific = lexicon.near(_CUES, number.before)
    mine = bool(cue) and (not other or cue <= other or (0 < specific < other))
    if mobile:
        return 0.98 if mine else 0.85
    if number.glued_before:
        return 0.0
    if number.plus:
        return 0.95 if 7 <= len(digits) <= 15 and (_abroad(digits, True) or len(digits) >= 9) else 0.0
    if _NEW_FIXED.fullmatch(digits):
        return 0.9 if mine else 0.6 if not other else 0.3
    if _SERVICE.fullmatch(digits):
        return 0.9
    if _MOBILE_BARE.fullmatch(digits):
        return 0.9 if mine else 0.6 if not other else 0.3
    return _written_like_one(number, mine, bool(other))


def _written_like_one(number: Number, mine: bool, other: bool) -> float:
    """Fixed lines and numbers from abroad: by their grouping or by a word beside them."""
    digits, sizes = number.digits, number.sizes
    if other and not mine:
        return 0.0
    grouped = len(sizes) >= 2 and not any(gap.isspace() and "\n" in gap for gap in number.gaps)
    if grouped and sizes in ((3, 3, 4), (1, 3, 3, 4), (3, 4, 4), (5, 6), (4, 3, 4)) and len(digits) <= 11:
        return 0.85
    if grouped and digits[0] == "0" and _FIXED.fullmatch(digits) and sizes[0] in (2, 3, 4) and len(sizes) == 2:
        return 0.8
    if grouped and mine and min(sizes) >= 2 and max(sizes) <= 4 and 7 <= len(digits) <= 12 and len(sizes) >= 3:
        return 0.75
    if digits.startswith("00") and 11 <= len(digits) <= 16 and _abroad(digits, False):
        return 0.8
    if mine and digits[0] == "0" and _FIXED.fullmatch(digits):
        return 0.8
    if mine and number.before and lexicon.near(_CUES, number.before) in (1, 2, 3) and 7 <= len(digits) <= 12:
        return 0.75
    return 0.5 if len(digits) in (11, 12, 13) and digits[0] != "0" and not other and _abroad(digits, False) else 0.0


RECOGNISER = NumberRecogniser(
    type="PHONE",
    kind="msisdn",
    confidence=_confidence,
    positive=(
        "+2348031234567",
        "2348031234567",
        "08031234567",
        "00234 803 123 4567",
        "+234 (0) 803-123-4567",
        "O8O3I234567",
        "call me on 8031234567",
        "0803.123.4567",
        "0803/123/4567",
        "number08031234567pls",
        "zero eight zero three one two three four five six seven",
        "oh eight oh three double two three four five six seven",
        "\u0660\u0668\u0660\u0663\u0661\u0662\u0663\u0664\u0665\u0666\u0667",
        "tel 01-2691531",
        "02012345678",
        "+44 7911 123456",
        "(555) 123-4567",
        "ring 0044 20 7946 0958",
    ),
    negative=(
        "I paid 5000 2000 1500 naira",
        "dial 131 or *312#",
        "since 12/03/2026",
        "100 200",
        "TKT 12345678",
    ),
)
