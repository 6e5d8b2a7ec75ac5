"""How well and how fast complaints are classified, beside TF-IDF with a linear SVM on the same texts in the same run.

Speeds are per second of processor time of one core, best of several rounds: other processes of the machine would
otherwise be measured too.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from bench.figures import Figure
from services.classifier.model import Classifier, Input
from services.classifier.model.dataset import LABELS, Example, shipped
from services.classifier.model.evaluation import Figures, evaluate, macro_f1
from services.classifier.recurrence import DAY_MS, Recurrence

MODEL: Final = Path("services/classifier/models/complaints.npz")
DEMO: Final = Path("demo/data")
_BATCH: Final = 1000
_UNSEEN: Final = 0.1
"""Share of texts that hold a word never seen before."""
_STRANGERS: Final = ("Adaobi Nwachukwu", "Mrs. Rukayat Oladipo", "Engr Terver Akaa", "Precious Etuk", "Mallam Kabiru")
_STREETS: Final = ("Adeniyi Jones, Ikeja", "Hadejia Road, Kano", "New Haven, Enugu", "Iwo Road, Ibadan")
_INTRODUCTIONS: Final = {
    "en": ("My name is {name}, phone {phone}.", "I am {name}. NIN: {nin}.", "{name}, {place}, Tel: {phone}"),
    "pcm": ("My name na {name}, my number na {phone}.", "Na {name} from {place}, call me {phone}"),
    "yo": ("Orúkọ mi ni {name}, nọ́ńbà mi {phone}.", "NIN mi ni {nin}, mò ń gbé ní {place}."),
    "ha": ("Sunana {name}, lambata {phone}.", "NIN ɗina {nin}, ina zaune a {place}."),
    "ig": ("Aha m bụ {name}, nọmba m {phone}.", "NIN m bụ {nin}, ebi m na {place}."),
}


def measure(*, quick: bool = False) -> list[Figure]:
    """Start, size, speed and quality, and the same of the peer; recurrence."""
    start = time.process_time()
    classifier = Classifier.load()
    figures = [
        Figure("start", time.process_time() - start, "s", 1.0, at_most=True),
        Figure("model file", MODEL.stat().st_size / 1e6, "MB", 20, at_most=True),
        *speed(classifier, 4_000 if quick else 20_000, rounds=2 if quick else 5),
        *quality("test set", classifier, shipped("test")),
        *robustness(classifier),
    ]
    if DEMO.is_dir():
        figures += quality("the demo's messages", classifier, demo_messages())
    return figures + peer(rounds=1 if quick else 3) + recurrence(20_000 if quick else 100_000)


def texts(count: int, seed: int = 1) -> list[str]:
    """Texts of the test set, a tenth of them with a word that was never seen."""
    draw = random.Random(seed)
    known = [example.text for example in shipped("test")]
    made = []
    for _ in range(count):
        unseen = " " + "".join(draw.choices("abdeiklmnorstuw", k=7)) if draw.random() < _UNSEEN else ""
        made.append(draw.choice(known) + unseen)
    return made


def demo_messages() -> list[Example]:
    """Messages of the demo, which another author wrote and labelled with a category."""
    found = []
    for folder in ("sms", "social", "web_forms"):
        for file in sorted((DEMO / folder).glob("*.jsonl")):
            for line in file.read_text(encoding="utf-8").splitlines() if file.stem != "burst" else ():
                row = json.loads(line)
                text = row.get("text") or f"{row.get('subject', '')}. {row.get('details', '')}"
                if row.get("about") in LABELS:
                    found.append(Example(text, row["about"]))
    return found


def speed(classifier: Classifier, count: int, rounds: int) -> list[Figure]:
    """Texts a second, in batches and one by one."""
    inputs = [Input(text) for text in texts(count)]
    batches = [inputs[first : first + _BATCH] for first in range(0, count, _BATCH)]
    classifier.classify(batches[0])
    batched = _rate(lambda: [classifier.classify(batch) for batch in batches], count, rounds)
    few = inputs[: count // 10]
    single = _rate(lambda: [classifier.classify([item]) for item in few], len(few), rounds)
    return [
        Figure("in batches of 1,000", batched, "texts/s", 10_000),
        Figure("one by one", single, "texts/s", 2_000),
    ]


def quality(name: str, classifier: Classifier, examples: Sequence[Example]) -> list[Figure]:
    """Macro-F1 of each answer, priority and calibration, as far as the labels go."""
    found: Figures = evaluate(examples, classifier.classify([Input(example.text) for example in examples]))
    figures = [
        Figure(f"{name}: category", found.category, "macro-F1", 0.80, note=f"{found.count} texts"),
        Figure(f"{name}: is_complaint", found.is_complaint, "macro-F1", 0.80),
        Figure(f"{name}: calibration error", found.calibration_error, ""),
    ]
    if found.urgency is not None and found.impact is not None and found.priority_within_one is not None:
        figures += [
            Figure(f"{name}: urgency", found.urgency, "macro-F1", 0.65),
            Figure(f"{name}: impact", found.impact, "macro-F1", 0.65),
            Figure(f"{name}: priority within one step", found.priority_within_one, "", 0.90),
        ]
    return figures


def robustness(classifier: Classifier) -> list[Figure]:
    """Category on the test set with a stranger's name and numbers added, and with letters dropped."""
    test = shipped("test")
    figures = []
    for name, texts_of in (("name and number added", introduced(test)), ("letters dropped", misspelt(test))):
        found = evaluate(test, classifier.classify([Input(text) for text in texts_of]))
        figures.append(Figure(f"test set, {name}: category", found.category, "macro-F1"))
        figures.append(Figure(f"test set, {name}: is_complaint", found.is_complaint, "macro-F1"))
    return figures


def introduced(examples: Sequence[Example], seed: int = 3) -> list[str]:
    """Each text with a sentence in its language in which somebody says who they are; no name of the training data."""
    draw = random.Random(seed)
    made = []
    for example in examples:
        values = {
            "name": draw.choice(_STRANGERS),
            "phone": "080" + "".join(draw.choices("0123456789", k=8)),
            "nin": "".join(draw.choices("123456789", k=11)),
            "place": f"{draw.randint(1, 90)} {draw.choice(_STREETS)}",
        }
        sentence = draw.choice(_INTRODUCTIONS[example.language or "en"]).format(**values)
        made.append(f"{sentence} {example.text}" if draw.random() < 0.5 else f"{example.text} {sentence}")
    return made


def misspelt(examples: Sequence[Example], seed: int = 4) -> list[str]:
    """Each text with a letter dropped in every fifth longer word."""
    draw = random.Random(seed)
    made = []
    for example in examples:
        words = example.text.split()
        for index, word in enumerate(words):
            if len(word) > 4 and word.isalpha() and draw.random() < 0.2:
                at = draw.randrange(1, len(word) - 1)
                words[index] = word[:at] + word[at + 1 :]
        made.append(" ".join(words))
    return made


def peer(rounds: int) -> list[Figure]:
    """TF-IDF of words and characters with a linear SVM, trained on the same texts."""
    training = [*shipped("hand"), *shipped("composed")]
    test = shipped("test")
    model = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
        ),
        LinearSVC(class_weight="balanced"),
    )
    model.fit([example.text for example in training], [example.label for example in training])
    found = ["other" if label == "none" else label for label in model.predict([example.text for example in test])]
    inputs = texts(2_000)
    return [
        Figure(
            "TF-IDF and linear SVM, test set: category",
            macro_f1([example.category for example in test], found),
            "macro-F1",
            note="category alone: no levels, risk, reasons",
        ),
        Figure(
            "TF-IDF and linear SVM, in batches",
            _rate(lambda: model.predict(inputs), len(inputs), rounds),
            "texts/s",
        ),
    ]


def recurrence(count: int) -> list[Figure]:
    """Contacts a second: counted in an overlay, then made state; a fifth as many customers."""
    state = Recurrence()
    at = 1_700_000_000_000
    start = time.process_time()
    for first in range(0, count, _BATCH):
        batch = state.overlay()
        for number in range(first, first + _BATCH):
            when = at + number * DAY_MS // count
            batch.observe(f"k1_{number % (count // 5)}", f"c{number}", when, "other", when)
        state.apply(batch.contacts, batch.received_at)
    return [Figure("recurrence", count / (time.process_time() - start), "contacts/s")]


def _rate(work: Callable[[], object], count: int, rounds: int) -> float:
    """The best rate of several rounds, in items a second of processor time."""
    best = 0.0
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = max(best, count / (time.process_time() - start))
    return best
