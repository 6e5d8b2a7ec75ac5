"""Reposts: the same customer says nearly the same again, on any channel, within 72 hours."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
WITHIN_MS: Final = 72 * HOUR_MS
KEPT_MS: Final = 7 * DAY_MS
"""By receipt: a batch that comes days later still meets the customer's SMS."""
LEAST_CHARACTERS: Final = 20
LEAST_RATIO: Final = 90.0
LONGEST: Final = 400
"""What is compared and kept of a text."""
KEPT_EACH: Final = 20
"""Texts kept a customer: one who writes more often is found by the latest ones."""

_SPACE: Final = re.compile(r"\s+")


class Entry(NamedTuple):
    """One recent text of a customer. Holds no raw text: it is masked before it comes here."""

    customer_key: str
    complaint_id: str
    event_id: str
    """What a repost of this text is a duplicate of: the first event with this text."""
    is_repost: bool
    occurred_at: int
    received_at: int
    text: str

    def as_record(self) -> dict[str, Any]:
        """A RecentText of CleanerState."""
        return self._asdict()


def comparable(masked: str) -> str | None:
    """The form in which texts are compared, or None when it is too short to be told from chance.

    >>> comparable("No  NETWORK in Ajah since morning")
    'no network in ajah since morning'
    """
    text = _SPACE.sub(" ", masked.casefold()).strip()[:LONGEST]
    return text if len(text) >= LEAST_CHARACTERS else None


def find(entries: Iterable[Entry], complaint_id: str, occurred_at: int, text: str) -> str | None:
    """The event that this text repeats, by the order in which they were processed; None when it is new.

    A revision of a complaint is no repost of itself, but stays one where the complaint already was.
    """
    entries = list(entries)
    for entry in entries:
        if entry.complaint_id == complaint_id:
            return entry.event_id if entry.is_repost else None
    for entry in entries:
        if abs(entry.occurred_at - occurred_at) <= WITHIN_MS and (
            fuzz.ratio(entry.text, text, score_cutoff=LEAST_RATIO) >= LEAST_RATIO
        ):
            return entry.event_id
    return None


class RecentTexts:
    """Recent texts by customer, bounded in time and number."""

    def __init__(self) -> None:
        self._by_customer: dict[str, list[Entry]] = {}
        self._swept_at = 0

    def of(self, customer_key: str) -> list[Entry]:
        """Texts of a customer in the order in which they were processed."""
        return self._by_customer.get(customer_key, [])

    def add(self, entries: Iterable[Entry]) -> None:
        """Remember texts; once an hour of receipt, forget those older than KEPT_MS."""
        youngest = self._swept_at
        for entry in entries:
            kept = self._by_customer.setdefault(entry.customer_key, [])
            kept.append(entry)
            if len(kept) > KEPT_EACH:
                del kept[0]
            youngest = max(youngest, entry.received_at)
        if youngest - self._swept_at > HOUR_MS:
            self._swept_at = youngest
            self._sweep(youngest - KEPT_MS)

    def _sweep(self, oldest: int) -> None:
        for customer in list(self._by_customer):
            kept = [entry for entry in self._by_customer[customer] if entry.received_at >= oldest]
            if kept:
                self._by_customer[customer] = kept
            else:
                del self._by_customer[customer]


def entry_of(record: Mapping[str, Any]) -> Entry:
    """Entry of a RecentText record."""
    return Entry(**record)
