"""Genesys Cloud's analytics conversations: one contact is one conversation, however many legs it has."""

from collections.abc import Iterator
from typing import Any

COLUMNS: dict[str, tuple[str, ...]] = {
    "own_id": ("conversationId",),
    "occurred_at": ("conversationStart",),
    "revised_at": ("conversationEnd",),
    "ended_at": ("conversationEnd",),
    "msisdn": ("caller",),
    "email": ("address",),
    "recipient": ("dialled",),
    "category": ("wrapUpCode",),
    "text": ("wrapUpNote",),
    "agent_id": ("userId",),
    "queue": ("queueId",),
    "contact_channel": ("mediaType",),
    "direction": ("direction",),
    "outcome": ("disconnectType",),
}
"""The column map of what `conversation` gives."""

_CUSTOMER = ("customer", "external")


def conversation(value: dict[str, Any]) -> dict[str, Any]:
    """A conversation as a flat record. What is missing or of another form than documented is None.

    The caller is the customer's ani, on outbound calls the dnis; the wrap-up is the last one that an agent gave.

    >>> conversation({"conversationId": "c1", "participants": [{"purpose": "customer",
    ...     "sessions": [{"mediaType": "voice", "ani": "tel:+2348031234567"}]}]})["caller"]
    '+2348031234567'
    """
    people = list(_dicts(value.get("participants")))
    sessions = [(person, session) for person in people for session in _dicts(person.get("sessions"))]
    theirs = [session for person, session in sessions if person.get("purpose") in _CUSTOMER]
    ordered = theirs + [session for _, session in sessions]
    segments = [(person, seg) for person, session in sessions for seg in _dicts(session.get("segments"))]
    wrapups = sorted(
        (_text(seg.get("segmentStart")) or "", number, seg)
        for number, (_, seg) in enumerate(segments)
        if seg.get("wrapUpCode") or seg.get("wrapUpNote")
    )
    last: dict[str, Any] = wrapups[-1][2] if wrapups else {}
    outbound = value.get("originatingDirection") == "outbound"
    agents = [person for person in people if person.get("userId")]
    return {
        "conversationId": _text(value.get("conversationId") or value.get("id")),
        "conversationStart": value.get("conversationStart") or value.get("startTime"),
        "conversationEnd": value.get("conversationEnd") or value.get("endTime"),
        "direction": _text(value.get("originatingDirection")),
        "caller": _number(_first(ordered, "dnis" if outbound else "ani")),
        "dialled": _number(_first(ordered, "ani" if outbound else "dnis")),
        "address": _address(_first(ordered, "addressOther") or _first(ordered, "addressFrom")),
        "mediaType": _first(ordered, "mediaType"),
        "userId": _text(agents[-1].get("userId")) if agents else None,
        "queueId": _first([seg for _, seg in segments], "queueId"),
        "wrapUpCode": _text(last.get("wrapUpCode")),
        "wrapUpNote": " ".join(filter(None, (_text(seg.get("wrapUpNote")) for _, _, seg in wrapups))) or None,
        "disconnectType": _first([seg for _, seg in reversed(segments)], "disconnectType"),
    }


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _first(records: list[dict[str, Any]], name: str) -> str | None:
    return next((text for record in records if (text := _text(record.get(name)))), None)


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _number(value: str | None) -> str | None:
    return value.removeprefix("tel:").removeprefix("sip:").split("@")[0].split(";")[0] if value else None


def _address(value: str | None) -> str | None:
    return value if value and "@" in value else None
