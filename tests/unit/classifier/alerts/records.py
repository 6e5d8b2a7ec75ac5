"""Records for the tests of alerts."""

from typing import Any

NOW = 1_800_000_000_000


def incident(**other: Any) -> dict[str, Any]:
    """An incident that has just opened."""
    return {
        "incident_id": "inc-1",
        "status": "opened",
        "cluster": "network",
        "operator": "Beejan",
        "level": "lga",
        "state": "Lagos",
        "lgas": ["Lagos/Ikorodu"],
        "started_at": NOW - 600_000,
        "detected_at": NOW,
        "updated_at": NOW,
        "ended_at": None,
        "customers": 25,
        "expected": 0.4,
        "p_value": 1e-12,
        "is_ncc_reportable": False,
        "compensation_due": False,
        "revision_no": 0,
    } | other


def complaint(**other: Any) -> dict[str, Any]:
    """A gold event of the highest priority."""
    return {
        "event_id": "event-1",
        "complaint_id": "complaint-1",
        "revision_no": 0,
        "revised_at": NOW,
        "generation": 0,
        "action": "created",
        "channel": "sms",
        "source": "sms:generic",
        "lane": "realtime",
        "customer_key": "k1_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "mentioned_keys": [],
        "occurred_at": NOW - 5_000,
        "received_at": NOW - 4_000,
        "cleaned_at": NOW - 3_000,
        "text": "Somebody is emptying my account with my SIM, call [PHONE_1]",
        "language": "en",
        "state": "Lagos",
        "lga": "Ikeja",
        "operator": "Beejan",
        "status": "acknowledged",
        "duplicate_of": None,
        "classified_at": NOW,
        "is_complaint": True,
        "category": "fraud_security",
        "subcategory": "",
        "urgency": "high",
        "impact": "high",
        "priority": "P1",
        "risk": "fraud",
        "risk_score": 0.9,
        "sentiment": -0.8,
        "contacts_30d": 1,
        "same_category_30d": 1,
        "sla_policy": "default",
        "first_contact_due_at": NOW + 3_600_000,
        "resolve_due_at": None,
        "escalation_due_at": None,
        "incident_id": None,
        "confidence": 0.9,
        "needs_review": False,
        "reasons": ["words: emptying my account"],
        "imputed": [],
        "pii_counts": {"PHONE": 1},
        "model_version": "1",
    } | other
