"""How pleased or angry a text is, from -1 to 1, by weighted words: no model, so that a person can check it."""

from collections.abc import Mapping, Sequence
from math import tanh

_CONCEPT_WEIGHT: Mapping[str, float] = {
    "praise": 0.8,
    "resolved": 0.5,
    "negative": -0.5,
    "rude": -0.5,
    "leaving": -0.5,
    "regulator": -0.3,
    "lawyer": -0.4,
    "sarcasm": -0.7,
    "scam": -0.3,
    "promo_fail": -0.3,
    "deduct": -0.25,
    "not_received": -0.25,
    "net_none": -0.3,
    "call_fail": -0.25,
    "data_fail": -0.25,
    "slow": -0.2,
    "trouble": -0.15,
    "no_response": -0.3,
}
_WORD_WEIGHT: Mapping[str, float] = {
    "emoangry": -0.6,
    "emodown": -0.4,
    "emosad": -0.4,
    "emohappy": 0.5,
    "emothumb": 0.4,
    "useless": -0.5,
    "nonsense": -0.5,
    "rubbish": -0.5,
    "worst": -0.6,
    "terrible": -0.5,
    "thief": -0.6,
    "thieves": -0.6,
    "thunder": -0.6,
    "wicked": -0.5,
    "stupid": -0.6,
    "mumu": -0.5,
    "ole": -0.5,
    "barayi": -0.5,
    "banza": -0.4,
    "!": -0.1,
}
_COMPLAINT_BASE = -0.25  # a complaint without an angry word is still no praise


def sentiment(words: Sequence[str], concepts: Mapping[str, object], *, is_complaint: bool) -> float:
    """Sentiment of normalised tokens and the concepts they show.

    >>> sentiment(["useless", "network"], {"negative": 0}, is_complaint=True) < -0.5
    True
    """
    score = _COMPLAINT_BASE if is_complaint else 0.0
    for concept in concepts:
        weight = _CONCEPT_WEIGHT.get(concept, 0.0)
        if weight > 0 and is_complaint:
            weight *= 0.3  # "thank you" at the end of a complaint is manners
        score += weight
    for word in words:
        if word in _WORD_WEIGHT:
            score += _WORD_WEIGHT[word]
    return round(tanh(score), 3) + 0.0
