"""Levels that a rule of the domain decides, whatever the model thinks; each rule says so in the reasons."""

from collections.abc import Mapping
from typing import Final, NamedTuple

_URGENT: Final = ("regulator", "lawyer", "leaving")
_MONEY: Final = frozenset(("billing_overcharge", "recharge_topup", "fraud_security", "device_terminal"))


class Levels(NamedTuple):
    """Urgency and impact, and the rules that set them."""

    urgency: str
    impact: str
    rules: tuple[str, ...]


NOT_URGENT: Final = Levels("low", "low", ())
"""Levels of what is no complaint."""


def levels(category: str, urgency: str, impact: str, evidence: Mapping[str, str]) -> Levels:
    """The model's levels of a complaint, raised where its text shows what the domain calls high.

    `evidence`: concepts of the lexicon, and the phrase that shows each.

    >>> levels("internet_data", "medium", "medium", {"regulator": "ncc"}).urgency
    'high'
    """
    rules = []
    for concept in _URGENT:
        if concept in evidence:
            urgency = "high"
            rules.append(f"rule:urgency_high:{concept}:{evidence[concept]}")
    promised = category == "fraud_security" and "promo" in evidence  # "you have won two million" costs nobody so much
    if "amount_big" in evidence and category in _MONEY and not promised:
        impact = "high"
        rules.append("rule:impact_high:from NGN 20,000")
    return Levels(urgency, impact, tuple(rules))
