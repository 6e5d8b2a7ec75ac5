"""How fast texts are classified on one core: python -m bench.classifier

Texts are those of the test set with invented words mixed in, so that not every word is remembered.
"""

import json
import random
import sys
import time

from services.classifier.model import Classifier, Input
from services.classifier.model.dataset import shipped

_BATCH = 1000
_TEXTS = 40_000
_SINGLE = 4_000


def texts(count: int, seed: int = 1) -> list[str]:
    """Texts of the test set; a tenth of them with a word that was never seen before."""
    draw = random.Random(seed)
    known = [example.text for example in shipped("test")]
    made = []
    for _ in range(count):
        text = draw.choice(known)
        if draw.random() < 0.1:
            text += " " + "".join(draw.choices("abdeiklmnorstuw", k=7))
        made.append(text)
    return made


def measure() -> dict[str, float]:
    """Seconds to load; texts a second of processor time, in batches and one by one.

    Processor time, because other processes of the machine would otherwise be measured too.
    """
    start = time.process_time()
    classifier = Classifier.load()
    loaded = time.process_time() - start
    inputs = [Input(text) for text in texts(_TEXTS)]
    classifier.classify(inputs[:_BATCH])
    start = time.process_time()
    for first in range(0, len(inputs), _BATCH):
        classifier.classify(inputs[first : first + _BATCH])
    batched = len(inputs) / (time.process_time() - start)
    start = time.process_time()
    for item in inputs[:_SINGLE]:
        classifier.classify([item])
    single = _SINGLE / (time.process_time() - start)
    return {"load_seconds": round(loaded, 3), "texts_per_second": round(batched), "one_by_one": round(single)}


if __name__ == "__main__":
    json.dump(measure(), sys.stdout)
    print()
