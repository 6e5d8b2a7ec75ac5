"""What is at stake with a customer: safety, fraud, the regulator, or losing them; with a score and evidence."""

from collections.abc import Set
from typing import NamedTuple


class Risk(NamedTuple):
    """The strongest risk; `score` 0 to 1; `evidence` names the concepts or rules that show it."""

    kind: str
    score: float
    evidence: tuple[str, ...]


NO_RISK = Risk("none", 0.0, ())

_STRENGTH = {
    "lawyer": ("regulatory", 0.85),
    "regulator": ("regulatory", 0.8),
    "leaving": ("churn", 0.75),
    "emergency": ("safety", 0.7),
    "threat": ("safety", 0.6),
    "mast_health": ("safety", 0.45),
    "scam": ("fraud", 0.7),
    "hacked": ("fraud", 0.75),
    "stolen": ("fraud", 0.6),
    "credentials": ("fraud", 0.45),
}
_ORDER = ("safety", "fraud", "regulatory", "churn")
_RECURRENT = 3  # contacts in 30 days after which a customer is at risk of leaving even without saying so


def risk(
    concepts: Set[str],
    category: str,
    *,
    is_complaint: bool = True,
    urgency: str = "low",
    sentiment: float = 0.0,
    contacts_30d: int = 1,
    reach: int | None = None,
) -> Risk:
    """The strongest risk of a complaint, from concepts of the lexicon that its text shows.

    >>> risk({"regulator", "deduct"}, "billing_overcharge").kind
    'regulatory'
    """
    if not is_complaint:
        return NO_RISK
    scores: dict[str, float] = {}
    evidence: dict[str, list[str]] = {}
    for concept in sorted(concepts & _STRENGTH.keys()):
        kind, strength = _STRENGTH[concept]
        if kind == "fraud" and category != "fraud_security":
            strength -= 0.35  # "una be thief" in a billing complaint is anger, not fraud
        if kind == "safety" and urgency != "high":
            strength -= 0.3
        if concept == "leaving" and category == "number_portability":
            strength += 0.1
        known = scores.get(kind, 0.0)
        scores[kind] = max(known, strength) + (0.05 if known else 0.0)
        evidence.setdefault(kind, []).append(concept)
    if category == "fraud_security":
        scores["fraud"] = max(scores.get("fraud", 0.0), 0.6)
        evidence.setdefault("fraud", []).append("category")
    if contacts_30d >= _RECURRENT:
        scores["churn"] = max(scores.get("churn", 0.0), 0.4) + min(0.05 * (contacts_30d - _RECURRENT), 0.2)
        evidence.setdefault("churn", []).append("recurrence")
    if not scores:
        return NO_RISK
    kind = max(scores, key=lambda name: (round(scores[name], 6), -_ORDER.index(name)))
    score = scores[kind] + 0.1 * max(0.0, -sentiment)
    score += {"high": 0.05, "medium": 0.0, "low": -0.1}[urgency]
    if reach is not None and reach >= 10_000:
        score += 0.05
    if score < 0.3:
        return NO_RISK
    return Risk(kind, round(min(score, 1.0), 3), tuple(evidence[kind]))
