"""How often the gazetteer is right on hand-written texts in five languages."""

from pathlib import Path

import pytest

from services.domain.places.evaluation import Score, read, score

FILE = Path(__file__).parent / "evaluation.tsv"


def _score(part: str) -> Score:
    return score(case for case in read(FILE) if case.part == part)


@pytest.mark.parametrize("part", ["", "held out"])
def test_states_and_areas_are_found_and_hardly_ever_wrong(part: str) -> None:
    found = _score(part)
    assert found.texts >= 80
    assert found.state.precision >= 0.95
    assert found.state.recall >= 0.90
    assert found.area.precision >= 0.95
    assert found.area.recall >= 0.90


def test_all_five_languages_are_there() -> None:
    assert {case.language for case in read(FILE)} == {"en", "pcm", "ha", "yo", "ig"}
    assert sum(1 for _ in read(FILE)) >= 200
