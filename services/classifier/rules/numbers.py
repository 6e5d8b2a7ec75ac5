"""What a number in a complaint is: an amount of money, a data volume, a time, a telephone number, or only a number."""

import re
from collections.abc import Sequence
from typing import Final

BIG_AMOUNT: Final = 20_000
"""Naira from which one customer's loss is of high impact (domain rule)."""

_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_KEPT: Final = frozenset(("2442", "3232", "996", "622", "112", "767", "199", "419", "911"))
"""Short codes that say what a text is about: do not disturb, porting, NIN, the regulator, emergency."""
_SCALES: Final = {"k": 1_000, "m": 1_000_000, "million": 1_000_000, "thousand": 1_000}
_UNITS: Final = (
    dict.fromkeys(("gb", "mb", "gig", "gigs", "gigabyte", "gigabytes", "megabytes", "kb", "tb"), "<vol>")
    | dict.fromkeys(("mbps", "kbps"), "<speed>")
    | dict.fromkeys(("am", "pm", "oclock"), "<time>")
    | dict.fromkeys(("st", "nd", "rd", "th"), "<n>")
)
_NAMES: Final = frozenset(("<n>", "<amt>", "<amtbig>"))
_COUNTED: Final = (
    frozenset(("minute", "hour", "day", "days", "week", "weeks", "month", "months", "year", "years", "times"))
    | frozenset(("people", "customers", "lines", "phones", "percent", "text", "message", "seconds", "sec"))
    | frozenset(("staff", "students"))
)


def amount(token: str) -> float:
    """Naira that a raw number token stands for, whatever it counts.

    >>> amount("₦1.5k"), amount("20,000")
    (1500.0, 20000.0)
    """
    match = _NUMBER.search(token)
    if match is None:
        return 0.0
    value = float(match.group().replace(",", ""))
    tail = token[match.end() :].strip().removesuffix("naira").strip()
    return value * _SCALES.get(tail, 1)


def number_name(token: str) -> str:
    """The normalised form of a raw number token.

    >>> [number_name(token) for token in ("n500", "25k", "08035550142", "10:30", "3", "2442")]
    ['<amt>', '<amtbig>', '<phone>', '<time>', '<n>', '2442']
    """
    digits = "".join(char for char in token if char.isdigit())
    money = not (token[0].isdigit() or token[0] == "+") or token.endswith(("naira", "k"))
    if money:
        return "<amtbig>" if amount(token) >= BIG_AMOUNT else "<amt>"
    if len(digits) >= 9:
        return "<phone>" if digits.startswith(("0", "234", "7", "8", "9")) else "<number>"
    if ":" in token:
        return "<time>"
    if "/" in token or "-" in token:
        return "<date>"
    if token in _KEPT:
        return token
    round_sum = digits.endswith(("00", "50")) and "." not in token and len(digits) > 2
    if round_sum or ("," in token and len(digits) > 4):
        return "<amtbig>" if int(digits) >= BIG_AMOUNT else "<amt>"
    return "<n>"


def join_units(named: Sequence[str]) -> list[str]:
    """Tokens with number and unit as one: `<n> gb` is `<vol>`; empty ones left out.

    >>> join_units(["bought", "<n>", "gb", "for", "<n>", "naira"])
    ['bought', '<vol>', 'for', '<amt>']
    """
    if _NAMES.isdisjoint(named):
        return [word for word in named if word]
    joined: list[str] = []
    last = ""
    for word in named:
        if last in _NAMES:
            unit = _UNITS.get(word)
            if word == "naira":
                unit = "<amt>" if last == "<n>" else last
            if unit is not None:
                last = joined[-1] = unit
                continue
            if word in _COUNTED:
                joined[-1] = "<n>"
        if word:
            joined.append(word)
            last = word
    return joined
