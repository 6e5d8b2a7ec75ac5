"""What the warehouse holds at the end, asked for in SQL as anybody could, and what is wrong with it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from demo.plan import OUTAGE_PLACE, Expected
from services.domain.vocabulary import CATEGORIES, PRIORITIES


@dataclass(frozen=True, slots=True)
class Incident:
    """One outage that the detector saw."""

    status: str
    cluster: str
    lgas: tuple[str, ...]
    customers: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The warehouse's side of the demo."""

    events: Counter[str]
    """Events by channel."""
    complaints: Mapping[tuple[str, str], int]
    """Complaints, repeats left out, by channel and priority."""
    categories: Counter[str]
    """Complaints by category."""
    no_complaint: int
    languages: Counter[str]
    redelivered: int
    reposts: int
    dead: Counter[str]
    """Dead letters by reason."""
    masks: Counter[str]
    """Masks in texts by type."""
    incidents: tuple[Incident, ...]
    latency: Mapping[str, tuple[float, float]]
    """Lane to median and 95th percentile of the seconds between acceptance and the queryable row."""
    ledger: Mapping[str, Mapping[str, int]]
    """Service to its counts: read, split, written, joined, ignored, redelivered, dead."""
    leaked: int
    """Events that hold a number or an address of a sender."""
    as_meant: tuple[int, int]
    """How many messages without personal data got the category that their author meant; of how many."""


EVENTS = "SELECT channel, count() FROM complaint_events FINAL GROUP BY channel"
COMPLAINTS = """
    SELECT channel, priority, count() FROM complaints WHERE is_complaint AND duplicate_of IS NULL
    GROUP BY channel, priority"""
CATEGORY = """
    SELECT category, count() FROM complaints WHERE is_complaint AND duplicate_of IS NULL GROUP BY category"""
NO_COMPLAINT = "SELECT count() FROM complaints WHERE NOT is_complaint"
LANGUAGE = """
    SELECT language, count() FROM complaints WHERE is_complaint AND duplicate_of IS NULL GROUP BY language"""
REDELIVERED = "SELECT sum(redelivered) FROM ledger WHERE service = 'cleaner'"
REPOSTS = "SELECT count() FROM complaint_events FINAL WHERE duplicate_of IS NOT NULL"
DEAD = "SELECT reason, count() FROM dead_letters GROUP BY reason"
MASKS = """
    SELECT mask.1, sum(mask.2) FROM
    (SELECT arrayJoin(arrayZip(mapKeys(pii_counts), mapValues(pii_counts))) AS mask FROM complaint_events FINAL)
    GROUP BY mask.1"""
INCIDENTS = "SELECT status, cluster, lgas, customers, started_at FROM incidents ORDER BY customers DESC"
LATENCY = """
    SELECT lane, quantile(0.5)(passed), quantile(0.95)(passed) FROM
    (SELECT lane, dateDiff('millisecond', received_at, loaded_at) / 1000 AS passed FROM complaint_events FINAL)
    GROUP BY lane"""
LEDGER = """
    SELECT service, sum(read), sum(split), sum(written), sum(joined), sum(ignored), sum(redelivered), sum(dead)
    FROM ledger GROUP BY service"""
LEDGER_COUNTS = ("read", "split", "written", "joined", "ignored", "redelivered", "dead")
TEXTS = "SELECT text, reasons FROM complaint_events"
JUDGED = "SELECT text, if(is_complaint, category, 'none') FROM complaint_events FINAL WHERE lane = 'realtime'"


def arrived(client: Client) -> Counter[str]:
    """Events by channel so far."""
    return _counter(client, EVENTS)


def look(client: Client, identifiers: frozenset[str], intended: Mapping[str, str]) -> Found:
    """Ask the warehouse. identifiers: what none of its texts may hold; intended: text to category, as it was meant."""
    return Found(
        events=arrived(client),
        complaints={
            (str(channel), str(priority)): int(count) for channel, priority, count in _rows(client, COMPLAINTS)
        },
        categories=_counter(client, CATEGORY),
        no_complaint=_number(client, NO_COMPLAINT),
        languages=_counter(client, LANGUAGE),
        redelivered=_number(client, REDELIVERED),
        reposts=_number(client, REPOSTS),
        dead=_counter(client, DEAD),
        masks=_counter(client, MASKS),
        incidents=tuple(
            Incident(status, cluster, tuple(lgas), customers, started_at)
            for status, cluster, lgas, customers, started_at in _rows(client, INCIDENTS)
        ),
        latency={str(lane): (float(middle), float(tail)) for lane, middle, tail in _rows(client, LATENCY)},
        ledger={
            str(service): dict(zip(LEDGER_COUNTS, map(int, sums), strict=True))
            for service, *sums in _rows(client, LEDGER)
        },
        leaked=sum(holds("\n".join([text, *reasons]), identifiers) for text, reasons in _rows(client, TEXTS)),
        as_meant=agreement(((text, category) for text, category in _rows(client, JUDGED)), intended),
    )


def problems(expected: Expected, found: Found) -> list[str]:
    """What is missing or too much, one line each; nothing when all is as it must be."""
    wrong = []

    def must_be(what: str, count: int, wanted: int) -> None:
        if count != wanted:
            by = f"{wanted - count} missing" if count < wanted else f"{count - wanted} too many"
            wrong.append(f"{what}: {count} instead of {wanted}, {by}")

    for channel in sorted(expected.events | found.events):
        must_be(f"events of channel {channel}", found.events[channel], expected.events[channel])
    if wrong and found.events.total() < expected.events.total():
        return wrong  # all further counts are short for the same reason
    must_be("redeliveries dropped", found.redelivered, expected.redelivered)
    must_be("reposts marked", found.reposts, expected.reposts)
    for reason in sorted(expected.dead | found.dead):
        must_be(f"dead letters because of {reason}", found.dead[reason], expected.dead[reason])
    must_be("events that still hold a sender's number or address", found.leaked, 0)
    if not any(OUTAGE_PLACE in incident.lgas for incident in found.incidents):
        wrong.append(f"incidents: none in {OUTAGE_PLACE}, where the outage was")
    if absent := [name for name in CATEGORIES if not found.categories[name]]:
        wrong.append(f"complaints: none of category {', '.join(absent)}")
    priorities = {priority for _, priority in found.complaints}
    if absent := [name for name in PRIORITIES if name not in priorities]:
        wrong.append(f"complaints: none of priority {', '.join(absent)}")
    return wrong


def agreement(judged: Iterable[tuple[str, str]], intended: Mapping[str, str]) -> tuple[int, int]:
    """How many judgements are as intended, of how many texts that are found unchanged (masked ones are not).

    >>> agreement([("No  network", "network_outage"), ("[PHONE_1]", "other")], {"no network": "network_outage"})
    (1, 1)
    """
    meant = {_plain(text): category for text, category in intended.items()}
    pairs = [(category, meant[_plain(text)]) for text, category in judged if _plain(text) in meant]
    return sum(found == wanted for found, wanted in pairs), len(pairs)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_NUMBER = re.compile(r"\d[\d .-]{8,}\d")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")


def holds(text: str, identifiers: frozenset[str]) -> bool:
    """Whether a text holds one of these numbers (ten digits, whatever stands before or between) or addresses.

    >>> holds("call +234 803 000 1000 now", frozenset({"8030001000"})), holds("on 0803", frozenset({"8030001000"}))
    (True, False)
    """
    digits = (re.sub(r"\D", "", match)[-10:] for match in _NUMBER.findall(text))
    return any(found in identifiers for found in (*digits, *_ADDRESS.findall(text.lower())))


def _rows(client: Client, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(query).result_rows]


def _counter(client: Client, query: str) -> Counter[str]:
    return Counter({str(name): int(count) for name, count in _rows(client, query)})


def _number(client: Client, query: str) -> int:
    return int(_rows(client, query)[0][0])
