"""Hand-written examples once more, with a sentence in which people say who they are.

Without them a name, a number and an address that a complaint carries weigh as if they meant something: on the test set
with such sentences added they are worth a point of category macro-F1 and two of impact.
"""

import random
from collections.abc import Iterable

from services.classifier.model.compose import Composer
from services.classifier.model.dataset import Example


def introduced(examples: Iterable[Example], seed: int) -> list[Example]:
    """Every example of a known language with one sentence more; the same seed gives the same list."""
    composer = Composer(random.Random(seed))  # noqa: S311  # variety, not secrecy
    return [composer.introduced(example) for example in examples if composer.speaks(example.language)]
