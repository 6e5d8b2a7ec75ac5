"""Bank accounts: NUBAN, 10 digits. Nearly every number passes the check for some bank, so the words around decide."""

from services.cleaner.masking import lexicon
from services.cleaner.masking.recognisers.base import NumberRecogniser
from services.cleaner.masking.runs import Number

_PHONES = lexicon.PHONE - {"number", "numba", "no", "num", "nos", "lamba", "lambar", "nomba", "sim", "from", "sender"}


def _confidence(number: Number) -> float:
    size = len(number.digits)
    if not 6 <= size <= 12 or number.glued_before or number.plus:
        return 0.0
    cue = lexicon.near(lexicon.ACCOUNT, number.before)
    behind = lexicon.near(lexicon.ACCOUNT, number.after[::-1])
    nearer = lexicon.near(_PHONES, number.before)
    if size == 10 and ((cue and (not nearer or cue < nearer)) or (behind and not nearer)):
        return 0.97
    named = cue and {"account", "acct", "acc", "accnt", "a/c", "aza"} & set(number.before[-3:])
    if named and size != 11 and (not nearer or cue < nearer):
        return 0.8
    return 0.0


RECOGNISER = NumberRecogniser(
    type="ACCOUNT",
    kind="account",
    confidence=_confidence,
    positive=(
        "my account number is 0123456789",
        "transfer to 0000014579 First Bank",
        "2087654321 gtb",
        "acct: 012 345 6789",
        "asusun banki na 3012345678",
    ),
    negative=("1234567890", "my account was debited 5000", "call 8031234567"),
)
