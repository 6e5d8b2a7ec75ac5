"""Cuts runs of digits into numbers and asks every number recogniser what they are."""

from collections.abc import Iterator, Sequence

from services.cleaner.masking import lexicon
from services.cleaner.masking.clues import Clues
from services.cleaner.masking.organisations import is_hotline
from services.cleaner.masking.recognisers.base import SURE, NumberRecogniser
from services.cleaner.masking.runs import (
    MAX_DIGITS,
    MAX_GROUPS,
    Group,
    Number,
    is_date,
    is_one_number,
    stretches,
)
from services.cleaner.masking.spans import Finding
from services.cleaner.masking.spelled import may_be_spelled, spelled_numbers

MIN_DIGITS = 6
_CURRENCY = frozenset("₦$£€#")
_CURRENCY_WORDS = frozenset(["n", "ngn", "naira", "usd"])
_ALONE = 0.8
_MANY = 80
_UNREAD = 0.3


def find_numbers(clues: Clues, recognisers: Sequence[NumberRecogniser]) -> list[Finding]:
    """Every number in the text that a recogniser takes for personal."""
    found: list[Finding] = []
    scan = clues.scan
    if clues.digits >= MIN_DIGITS:
        for groups in stretches(scan):
            found += _cut(scan, groups, recognisers)
    if may_be_spelled(clues.lower):
        for number in spelled_numbers(scan):
            finding = _best(number, scan, recognisers)
            if finding:
                found.append(finding)
    return found


def _cut(scan: str, groups: list[Group], recognisers: Sequence[NumberRecogniser]) -> Iterator[Finding]:
    """The longest pieces first, from the left. Work is bounded by MAX_GROUPS and MAX_DIGITS for each group."""
    if len(groups) > _MANY:
        # Hardly a complaint: one mask over all of it costs less than telling the numbers apart.
        digits = "".join([g.digits for g in groups[:MAX_DIGITS]])
        yield Finding(groups[0].start, groups[-1].end, "NUMBER", _UNREAD, digits)
        return
    at = 0
    while at < len(groups):
        step = 1
        for end in range(min(at + MAX_GROUPS, len(groups)), at, -1):
            size = sum([len(g.digits) for g in groups[at:end]])
            if size > MAX_DIGITS:
                continue
            if size < MIN_DIGITS:
                break
            number = Number(scan, groups[at:end])
            if is_date(number.sizes, number.gaps):
                step = 3
                break
            if end - at > 1 and not is_one_number(number.sizes, number.gaps):
                continue
            finding = _best(number, scan, recognisers)
            if finding is None or (end - at > 1 and _split_is_better(scan, groups[at:end], finding, recognisers)):
                continue
            yield finding
            step = end - at
            break
        at += step


def _split_is_better(scan: str, groups: list[Group], whole: Finding, recognisers: Sequence[NumberRecogniser]) -> bool:
    """Whether some one group is a number by itself, surely, so that the groups are several numbers in a row."""
    if whole.confidence >= 0.95 and whole.type in ("CARD", "ICCID", "IMEI"):
        return False
    for group in groups:
        if len(group.digits) >= 10:
            alone = _best(Number(scan, [group]), scan, recognisers)
            if alone is not None and alone.confidence >= min(_ALONE, whole.confidence):
                return True
    return False


def _best(number: Number, scan: str, recognisers: Sequence[NumberRecogniser]) -> Finding | None:
    if is_hotline(number.digits) or _is_money(number, scan) or _is_ipv4(number):
        return None
    best, confidence = None, 0.0
    for recogniser in recognisers:
        score = recogniser.confidence(number)
        if score > confidence:
            best, confidence = recogniser, score
            if score >= SURE:
                break
    if best is None or (confidence <= 0.6 and _is_ticket(number)):
        return None
    return Finding(number.start, number.end, best.type, confidence, number.digits)


def _is_ipv4(number: Number) -> bool:
    """Four groups of one to three digits with dots between: the recogniser of addresses decides."""
    return len(number.sizes) == 4 and max(number.sizes) <= 3 and set(number.gaps) == {"."}


def _is_money(number: Number, scan: str) -> bool:
    """An amount: a currency in front, or a decimal part behind a long whole part."""
    before = scan[max(0, number.start - 1) : number.start]
    return (before in _CURRENCY and before != "") or (
        number.glued_before and number.prefix in _CURRENCY_WORDS and len(number.digits) != 11
    )


def _is_ticket(number: Number) -> bool:
    """Behind a ticket word, with at most two linking words between."""
    if number.prefix in lexicon.TICKET:
        return True
    words = list(number.before)
    for _ in range(3):
        if not words:
            return False
        if words[-1] in lexicon.TICKET:
            return True
        if words[-1] not in lexicon.TICKET_LINK:
            return False
        words.pop()
    return False
