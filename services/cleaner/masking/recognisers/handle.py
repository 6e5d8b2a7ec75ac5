"""Handles of people. Those of operators, regulators and banks stay: they say whom a complaint is about."""

from typing import Any

from services.cleaner.masking.organisations import is_organisation_handle
from services.cleaner.masking.recognisers.base import PatternRecogniser, always
from services.cleaner.masking.spans import Finding


def _finding(match: Any, scan: str) -> Finding | None:
    start, end = match.span()
    before = scan[max(start - 2, 0) : start]
    if before and (before[-1].isalnum() or before[-1] in "_@/" or (before[-1] == "." and before[0].isalnum())):
        return None
    text = match[0].rstrip(".-")
    end = start + len(text)
    name = text[1:].partition("@")[0]
    if (
        name.isdigit()
        or not any(c.isalpha() for c in name)
        or (name[0].isdigit() and name[1:].lower() in ("am", "pm", "k", "gb", "mb"))
    ):
        return None
    if is_organisation_handle(name):
        return None
    return Finding(start, end, "HANDLE", 0.95, text[1:].lower())


RECOGNISER = PatternRecogniser(
    type="HANDLE",
    kind="handle",
    mark="@",
    trigger=always,
    pattern=r"@[\pL\pN_][\pL\pN_.]*(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)?",
    finding=_finding,
    positive=("@ada_obi", "@gargron@mastodon.social", "thanks @Tunde.B!"),
    negative=("a@b.ng", "@MTN180", "@ 5000", "@7pm"),
)
