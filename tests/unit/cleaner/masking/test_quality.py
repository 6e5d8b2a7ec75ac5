"""Floors under the quality of masking, on texts that were written by hand and never trained on."""

import json
from pathlib import Path

import pytest

from services.cleaner.masking import Masker
from services.cleaner.masking.evaluation import Marked, evaluate, parse_markup
from services.cleaner.masking.gate import leaks

DATA = Path(__file__).parents[4] / "bench" / "data"
CARRIER = Path(__file__).parents[5] / "shared" / "data" / "carrier_text"
MASKER = Masker.load()


def marked(name: str, part: str) -> list[Marked]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return [parse_markup(r["markup"]) for r in records if r["part"] == part]


def find(text: str):  # type: ignore[no-untyped-def]
    return MASKER.mask(text).spans


@pytest.mark.parametrize(("lower", "leak"), [(False, 0.06), (True, 0.08)])
def test_complaints_do_not_leak(lower: bool, leak: float) -> None:
    scores = evaluate(marked("masking_complaints.jsonl", "dev"), find, lower=lower)
    assert scores.leak <= leak
    assert scores.precision >= 0.92
    assert scores.types["PERSON"].f1 >= 0.80
    for kind in ("PHONE", "EMAIL", "CARD", "NIN", "BVN", "IMEI", "ICCID", "ACCOUNT"):
        assert scores.types[kind].recall >= 0.98, kind


@pytest.mark.parametrize(("language", "f1"), [("pcm", 0.75), ("ha", 0.65), ("ig", 0.65), ("yo", 0.60)])
def test_people_in_the_news_are_found(language: str, f1: float) -> None:
    person = evaluate(marked("masking_news.jsonl", language), find).types["PERSON"]
    assert person.f1 >= f1
    assert person.precision >= 0.70


@pytest.mark.skipif(not CARRIER.is_dir(), reason="the carrier texts are not on this machine")
@pytest.mark.parametrize("language", ["pcm", "hau", "ibo", "yor"])
def test_everyday_texts_pass_the_second_scan_and_keep_their_words(language: str) -> None:
    texts = (CARRIER / f"{language}.txt").read_text("utf-8").splitlines()[:400]
    masked = [MASKER.mask(text) for text in texts]
    assert [m.text for m in masked if leaks(m.text)] == []
    covered = sum(s.end - s.start for m in masked for s in m.spans if s.type != "HANDLE")
    assert covered < 0.09 * sum(map(len, texts))
