"""What is learned of the usual."""

import json
import random

import pytest

from services.classifier.outages.areas import AreaTree
from services.classifier.outages.expectation import Expectation
from services.classifier.outages.rules import DAY_MS, HOUR_MS, WINDOW_MS
from tests.unit.classifier.outages.crowd import LGAS

START = 1_767_567_600_000  # a Monday, midnight in Lagos
BUSY, CALM = "Lagos/Ikeja", "Kano/Gwale"


def _counts(hour: int, scale: float = 1.0, spread: random.Random | None = None) -> dict[str, int]:
    """Daytime is five times as busy as the night; Ikeja has nine tenths of all."""
    nation = scale * (100 if 8 <= hour < 20 else 20)
    if spread is not None:
        nation *= spread.gammavariate(16, 1 / 16)
    busy, calm = round(nation * 0.9), round(nation * 0.1)
    return {BUSY: busy, "Lagos": busy, CALM: calm, "Kano": calm, "NG": busy + calm}


def _taught(days: int, spread: random.Random | None = None) -> Expectation:
    expectation = Expectation(AreaTree(LGAS))
    for at in range(START, START + days * DAY_MS, WINDOW_MS):
        hour = (at - START) // HOUR_MS % 24
        expectation.learn(at + WINDOW_MS, _counts(hour, spread=spread), frozenset())
    return expectation


def _mean(expectation: Expectation, area: str, days: float, length: int = WINDOW_MS) -> float:
    return expectation.window(area, START + int(days * DAY_MS) + length, length, 0, 0).mean


def test_after_two_weeks_the_curve_and_the_shares_are_known() -> None:
    expectation = _taught(14)
    assert _mean(expectation, "NG", 14.5) == pytest.approx(100, rel=0.1)
    assert _mean(expectation, "NG", 14.1) == pytest.approx(20, rel=0.1)
    assert _mean(expectation, BUSY, 14.5) == pytest.approx(90, rel=0.1)
    assert _mean(expectation, CALM, 14.5) == pytest.approx(10, rel=0.15)


def test_a_shorter_window_expects_its_share() -> None:
    expectation = _taught(14)
    whole = _mean(expectation, BUSY, 14.5)
    assert _mean(expectation, BUSY, 14.5, WINDOW_MS // 6) == pytest.approx(whole / 6, rel=0.05)


def test_an_area_never_heard_of_expects_little_and_not_nothing() -> None:
    mean = _mean(_taught(14), "Edo/Egor", 14.5)
    assert 0 < mean < 1


def test_a_rate_that_wavers_is_learned_as_dispersion() -> None:
    steady = _taught(14).window(BUSY, START + 15 * DAY_MS, WINDOW_MS, 0, 0)
    wavering = _taught(14, random.Random(1)).window(BUSY, START + 15 * DAY_MS, WINDOW_MS, 0, 0)
    assert wavering.dispersion > steady.dispersion + 1


def test_a_half_hour_is_learned_once() -> None:
    expectation = _taught(2)
    before = expectation.snapshot()
    expectation.learn(expectation.learned_until, {"NG": 10_000}, frozenset())
    assert expectation.snapshot() == before


def test_an_open_incident_teaches_nothing() -> None:
    expectation, other = _taught(7), _taught(7)
    for step in range(1, 7):
        at = START + 7 * DAY_MS + step * WINDOW_MS
        usual = _counts(0)
        outage = usual | {CALM: 80, "Kano": 80, "NG": usual[BUSY] + 80}
        expectation.learn(at, outage, frozenset({CALM}))
        other.learn(at, usual, frozenset())
    assert _mean(expectation, CALM, 7.6) == pytest.approx(_mean(other, CALM, 7.6), rel=0.1)
    assert _mean(expectation, "NG", 7.6) == pytest.approx(_mean(other, "NG", 7.6), rel=0.1)


def test_a_national_incident_teaches_nothing_at_all() -> None:
    expectation = _taught(7)
    before = _mean(expectation, "NG", 7.5)
    expectation.learn(START + 7 * DAY_MS + WINDOW_MS, {"NG": 5_000}, frozenset({"NG"}))
    assert _mean(expectation, "NG", 7.5) == before


def test_silence_of_everybody_is_not_learned() -> None:
    expectation = _taught(7)
    before = _mean(expectation, "NG", 8.5)
    for step in range(1, 49):
        expectation.learn(START + 7 * DAY_MS + step * WINDOW_MS, {}, frozenset())
    assert _mean(expectation, "NG", 8.5) == pytest.approx(before)


def test_the_level_follows_when_everything_doubles() -> None:
    expectation = _taught(14)
    for at in range(START + 14 * DAY_MS, START + 16 * DAY_MS, WINDOW_MS):
        expectation.learn(at + WINDOW_MS, _counts((at - START) // HOUR_MS % 24, scale=2.0), frozenset())
    assert 150 < _mean(expectation, "NG", 16.5) < 230


def test_before_anything_is_learned_the_rest_of_the_nation_tells_how_busy_it_is() -> None:
    expectation = Expectation(AreaTree(LGAS))
    calm = expectation.window(BUSY, START + WINDOW_MS, WINDOW_MS, 10, 5).mean
    busy = expectation.window(BUSY, START + WINDOW_MS, WINDOW_MS, 1_000, 5).mean
    assert 0 < calm < 5
    assert busy > 100


def test_what_was_learned_survives_json() -> None:
    expectation = _taught(9, random.Random(2))
    restored = Expectation(AreaTree(LGAS))
    restored.restore(json.loads(json.dumps(expectation.snapshot())))
    for area in ("NG", "Lagos", BUSY, CALM, "Edo/Egor"):
        one = expectation.window(area, START + 10 * DAY_MS, WINDOW_MS, 0, 0)
        other = restored.window(area, START + 10 * DAY_MS, WINDOW_MS, 0, 0)
        assert other.mean == pytest.approx(one.mean, rel=1e-3)
        assert other.dispersion == pytest.approx(one.dispersion, rel=1e-3)
    restored.learn(START + 9 * DAY_MS, {"NG": 9_999}, frozenset())
    assert restored.snapshot() == json.loads(json.dumps(restored.snapshot()))
