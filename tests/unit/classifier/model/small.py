"""A model that trains in a second: two labels' worth of texts, enough to test the machinery."""

from functools import cache

from services.classifier.model.artifact import Artifact
from services.classifier.model.dataset import Example
from services.classifier.model.network import Recipe
from services.classifier.model.training import artifact, fit

EXAMPLES = [
    example
    for number in range(12)
    for example in (
        Example(f"my data is too slow since {number} am", "internet_data", "medium", "medium", "en"),
        Example(f"no network in our whole estate for {number} days", "network_outage", "high", "high", "en"),
        Example(f"you deducted N{number}00 from my airtime", "billing_overcharge", "medium", "medium", "en"),
        Example(f"an cire min N{number}00 ba dalili", "billing_overcharge", "medium", "medium", "ha"),
        Example(f"how do i buy {number} gb please ?", "none", "low", "low", "en"),
        Example(f"na gode sosai {number}", "none", "low", "low", "ha"),
    )
]
RECIPE = Recipe(hidden=8, epochs=60, batch=16, least_steps=0)


@cache
def small_model(seed: int = 1) -> Artifact:
    """The trained model."""
    return artifact(fit(EXAMPLES, [], networks=2, seed=seed, recipe=RECIPE), EXAMPLES, seed=seed)
