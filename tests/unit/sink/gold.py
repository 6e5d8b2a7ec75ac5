"""Gold events for tests: valid by default, every field can be set."""

import random
import uuid
from typing import Any

NOW = 1_780_000_000_000
DAY = 86_400_000


def gold(rng: random.Random, **fields: Any) -> dict[str, Any]:
    """A GoldEvent as a dict, with random ids."""
    now = fields.get("received_at", NOW)
    event: dict[str, Any] = {
        "event_id": str(uuid.UUID(int=rng.getrandbits(128))),
        "complaint_id": str(uuid.UUID(int=rng.getrandbits(128))),
        "revision_no": 0,
        "revised_at": now,
        "generation": 0,
        "action": "created",
        "channel": rng.choice(["sms", "x", "call_center"]),
        "source": "sms:generic",
        "lane": "realtime",
        "customer_key": f"k1_{'a' * 25}{rng.choice('abcdefgh')}",
        "mentioned_keys": [],
        "occurred_at": now - rng.randrange(3_600_000),
        "received_at": now,
        "cleaned_at": now,
        "text": "No network for Ajah since morning [PHONE_1]",
        "language": "en",
        "state": rng.choice(["Lagos", "Kano", None]),
        "lga": None,
        "operator": "MTN",
        "status": "acknowledged",
        "duplicate_of": None,
        "classified_at": now,
        "is_complaint": True,
        "category": rng.choice(["network_outage", "billing_overcharge", "internet_data"]),
        "subcategory": "",
        "urgency": "high",
        "impact": "medium",
        "priority": rng.choice(["P1", "P2", "P3"]),
        "risk": "churn",
        "risk_score": 0.6,
        "sentiment": -0.5,
        "contacts_30d": 1,
        "same_category_30d": 1,
        "sla_policy": "default",
        "first_contact_due_at": now + DAY,
        "resolve_due_at": now + 2 * DAY,
        "escalation_due_at": now + 30 * DAY,
        "incident_id": None,
        "confidence": 0.9,
        "needs_review": False,
        "reasons": ["word: network"],
        "imputed": ["status"],
        "pii_counts": {"PHONE": 1},
        "model_version": "test",
    }
    unknown = set(fields) - set(event)
    if unknown:
        raise KeyError(f"no such fields: {unknown}")
    return event | fields
