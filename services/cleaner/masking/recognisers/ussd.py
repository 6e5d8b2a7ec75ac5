"""Arguments of USSD strings: the service code stays, each argument goes (a number, an amount, a PIN)."""

from typing import Any

from services.cleaner.masking.recognisers.base import PatternRecogniser, always
from services.cleaner.masking.spans import Finding


def _finding(match: Any, scan: str) -> list[Finding]:
    if match.start() and scan[match.start() - 1] in "*#0123456789":
        return []
    found: list[Finding] = []
    at = match.start() + match[0].index("*", 1) + 1
    for argument in scan[at : match.end()].rstrip("#* ").split("*"):
        if argument and not (argument.isdigit() and len(argument) <= 2 and not found and argument != "0"):
            found.append(Finding(at, at + len(argument), "USSD", 1.0, argument))
        at += len(argument) + 1
    return found


RECOGNISER = PatternRecogniser(
    type="USSD",
    mark="*",
    trigger=always,
    pattern=r"[*#]{1,2}\d{2,4}(?:\*[A-Za-z0-9]+)+(?:#|\b)",
    finding=_finding,
    positive=("*777*08031234567*500*1234#", "*555*12345678901234567#", "*901*2000*0123456789#"),
    negative=("*131#", "*312*1#", "*#06#"),
)
