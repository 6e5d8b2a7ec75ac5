"""Builds the bronze envelope: the one place where ids of complaints and events are made."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.domain.identity import IdKey, canonical
from services.domain.vocabulary import IDENTIFIER_KINDS

MINUTE_MS = 60_000
DAY_MS = 86_400_000
EARLIEST_MS = 946_684_800_000  # 2000-01-01: no complaint of ours is older

_PRECEDENCE = {kind: rank for rank, kind in enumerate(IDENTIFIER_KINDS)}


def timestamp_fault(occurred_at: int, received_at: int) -> str | None:
    """Why a time cannot be that of a complaint, or None: before 2000, or more than a day ahead of its receipt."""
    if occurred_at < EARLIEST_MS:
        return "before the year 2000"
    if occurred_at > received_at + DAY_MS:
        return "more than a day in the future"
    return None


def complaint_id(
    ids: IdKey,
    source: str,
    own_id: str | None,
    sender: str = "",
    recipient: str = "",
    text: str = "",
    at: int = 0,
) -> str:
    """Id of a complaint: of the source and its own id; without one, of sender, recipient, text and minute."""
    if own_id:
        return ids.uuid("complaint", source, own_id)
    return ids.uuid("complaint", source, "", sender, recipient, text, str(at // MINUTE_MS))


def event_id(ids: IdKey, of_complaint: str, revision_no: int) -> str:
    """Id of one revision of a complaint."""
    return ids.uuid("event", of_complaint, str(revision_no))


def routing_key(ids: IdKey, identifiers: Iterable[tuple[str, str]], of_event: str) -> bytes:
    """Kafka key: of the customer's strongest identifier; of the event where there is no customer."""
    for kind, value in sorted(identifiers, key=lambda pair: _PRECEDENCE[pair[0]]):
        name = canonical(kind, value)
        if name:
            return ids.routing_key(f"{kind}:{name}")
    return of_event.encode()


def bronze_event(
    ids: IdKey,
    *,
    source: str,
    own_id: str | None,
    channel: str,
    lane: str,
    action: str,
    identifiers: Iterable[tuple[str, str]],
    recipient: str | None,
    text: str | None,
    occurred_at: int,
    received_at: int,
    payload: bytes,
    payload_type: str,
    fields: Mapping[str, str] | None = None,
    revision_no: int = 0,
    revised_at: int | None = None,
    language: str | None = None,
) -> tuple[bytes, dict[str, Any]]:
    """The Kafka key and the BronzeEvent (as a dict, times in ms UTC) of one received record.

    The same input gives the same ids, so a second delivery is recognised downstream.
    """
    pairs = sorted(identifiers, key=lambda pair: _PRECEDENCE[pair[0]])
    sender = pairs[0][1] if pairs else ""
    complaint = complaint_id(ids, source, own_id, sender, recipient or "", text or "", occurred_at)
    event = event_id(ids, complaint, revision_no)
    return routing_key(ids, pairs, event), {
        "event_id": event,
        "complaint_id": complaint,
        "revision_no": revision_no,
        "revised_at": occurred_at if revised_at is None else revised_at,
        "action": action,
        "channel": channel,
        "source": source,
        "lane": lane,
        "occurred_at": occurred_at,
        "received_at": received_at,
        "identifiers": [{"kind": kind, "value": value} for kind, value in pairs],
        "recipient": recipient,
        "text": text,
        "language": language,
        "fields": dict(fields or {}),
        "payload": payload,
        "payload_type": payload_type,
        "generation": 0,
    }
