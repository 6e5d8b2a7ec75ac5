"""Builds the gold event: classification, place, recurrence, priority and clocks put together, each step explained."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from services.classifier.clocks import Clocks
from services.classifier.model import Classification
from services.classifier.outages.copies import text_key
from services.classifier.priority import priority, raise_urgency
from services.classifier.recurrence import Counts
from services.domain.places import Place

CONTACTS_THAT_RAISE: Final = 3
"""The third contact in 30 days about the same category raises urgency by one step."""

CARRIED: Final = (
    "event_id",
    "complaint_id",
    "revision_no",
    "revised_at",
    "generation",
    "action",
    "channel",
    "source",
    "lane",
    "customer_key",
    "mentioned_keys",
    "occurred_at",
    "received_at",
    "cleaned_at",
    "text",
    "status",
    "duplicate_of",
    "imputed",
    "pii_counts",
)
"""Fields that the silver event hands on unchanged."""


class Situation(NamedTuple):
    """What is known of an event besides its own text."""

    place: Place
    counts: Counts
    incident_id: str | None


def is_status_only(silver: Mapping[str, Any]) -> bool:
    """Whether an event only reports progress or a deletion: there is nothing to classify."""
    return silver["action"] in ("deleted", "withdrawn") or (not silver["text"] and silver["revision_no"] > 0)


def gold_event(
    silver: Mapping[str, Any], found: Classification, situation: Situation, clocks: Clocks, model: str, now: int
) -> dict[str, Any]:
    """GoldEvent as a dict. Times in ms UTC."""
    place, counts, incident_id = situation
    reasons: list[str] = list(found.reasons)
    urgency, impact = found.urgency, found.impact
    if found.is_complaint and counts.same_category_30d >= CONTACTS_THAT_RAISE:
        urgency = raise_urgency(urgency)
        reasons.append(f"recurrence: contact {counts.same_category_30d} in 30 days about {found.category}")
    if found.is_complaint and incident_id is not None:
        impact = "high"
        reasons.append("incident: an outage is open for this place")
    due = clocks.due(found.category, silver["occurred_at"], is_complaint=found.is_complaint)
    lga = silver["lga"] or (place.lga if place.state == (silver["state"] or place.state) else None)
    return {
        **{name: silver[name] for name in CARRIED},
        "language": silver["language"] if silver["language"] != "other" else found.language,
        "state": silver["state"] or place.state,
        "lga": lga,
        "operator": silver["operator"] or found.operator,
        "classified_at": now,
        "is_complaint": found.is_complaint,
        "category": found.category,
        "subcategory": found.subcategory,
        "urgency": urgency,
        "impact": impact,
        "priority": priority(impact, urgency),
        "risk": found.risk,
        "risk_score": found.risk_score,
        "sentiment": found.sentiment,
        "contacts_30d": counts.contacts_30d,
        "same_category_30d": counts.same_category_30d,
        "sla_policy": due.policy,
        "first_contact_due_at": due.first_contact_due_at,
        "resolve_due_at": due.resolve_due_at,
        "escalation_due_at": due.escalation_due_at,
        "incident_id": incident_id,
        "confidence": found.confidence,
        "needs_review": found.needs_review,
        "reasons": reasons,
        "model_version": model,
    }


def status_event(silver: Mapping[str, Any], now: int) -> dict[str, Any]:
    """GoldEvent of an event that only reports progress or a deletion: the classification stays that of the text."""
    return {
        **{name: silver[name] for name in CARRIED},
        "language": silver["language"],
        "state": silver["state"],
        "lga": silver["lga"],
        "operator": silver["operator"],
        "classified_at": now,
        "is_complaint": False,
        "category": "other",
        "subcategory": "",
        "urgency": "low",
        "impact": "low",
        "priority": "P5",
        "risk": "none",
        "risk_score": 0.0,
        "sentiment": 0.0,
        "contacts_30d": 0,
        "same_category_30d": 0,
        "sla_policy": "",
        "first_contact_due_at": None,
        "resolve_due_at": None,
        "escalation_due_at": None,
        "incident_id": None,
        "confidence": 1.0,
        "needs_review": False,
        "reasons": [f"{silver['action']}: no text to classify"],
        "model_version": "",
    }


def observation(gold: Mapping[str, Any], cluster: str, lgas: Sequence[str]) -> dict[str, Any]:
    """What the outage detector needs of a gold event."""
    return {
        "event_id": gold["event_id"],
        "complaint_id": gold["complaint_id"],
        "customer_key": gold["customer_key"],
        "cluster": cluster,
        "lgas": list(lgas),
        "state": gold["state"],
        "operator": gold["operator"],
        "occurred_at": gold["occurred_at"],
        "text_key": text_key(gold["text"], gold["channel"]),
    }
