import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.model.calibration import (
    IDENTITY,
    Calibration,
    complaint_features,
    fit_calibration,
    raw_confidence,
    softmax,
)

DRAW = np.random.default_rng(7)
COUNT = 4000


def overconfident(sharpness: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label scores that are `sharpness` times too sure, complaint scores, and true labels (4, the last: none)."""
    scores = DRAW.normal(0, 1.5, (COUNT, 4)).astype(np.float32)
    shares = softmax(scores)
    labels = np.array([DRAW.choice(4, p=row / row.sum()) for row in shares.astype(np.float64)])
    odds = np.log((1 - shares[:, 3]) / shares[:, 3])
    complaint = np.stack([odds / 2, -odds / 2], axis=1).astype(np.float32)
    return scores * np.float32(sharpness), complaint, labels


def test_the_temperature_undoes_overconfidence() -> None:
    found = fit_calibration(*overconfident(3.0))
    assert found.temperature == pytest.approx(3.0, rel=0.2)


def test_confidence_is_the_share_of_right_answers() -> None:
    scores, complaint, labels = overconfident(3.0)
    found = fit_calibration(scores, complaint, labels)
    shares = found.shares(scores)
    probability = found.complaint(shares, complaint)
    confidence = found.confidence(raw_confidence(shares, probability, found.threshold))
    chosen = np.where(probability >= found.threshold, shares[:, :3].argmax(axis=1), 3)
    none = labels == 3
    weight = np.where(none, 0.1 / none.mean(), 0.9 / (~none).mean())
    for low, high in ((0.3, 0.5), (0.5, 0.7), (0.7, 0.9)):
        within = (confidence >= low) & (confidence < high)
        right = np.average((chosen == labels)[within], weights=weight[within])
        assert right == pytest.approx(float(np.average(confidence[within], weights=weight[within])), abs=0.08)


def test_numbers_and_back() -> None:
    found = fit_calibration(*overconfident(2.0))
    assert Calibration.of(found.numbers()) == found
    assert Calibration.of(IDENTITY.numbers()) == IDENTITY


def test_the_curve_never_falls() -> None:
    curve = fit_calibration(*overconfident(2.0)).curve
    assert list(curve) == sorted(curve)


@settings(max_examples=50)
@given(st.lists(st.lists(st.floats(-30, 30), min_size=3, max_size=3), min_size=1, max_size=5))
def test_shares_are_probabilities(scores: list[list[float]]) -> None:
    shares = softmax(np.array(scores, np.float32))
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert (shares >= 0).all()
    complaint = IDENTITY.complaint(shares, np.zeros((len(scores), 2), np.float32))
    assert ((complaint >= 0) & (complaint <= 1)).all()


def test_a_sure_none_gives_finite_odds() -> None:
    shares = np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)
    assert np.isfinite(complaint_features(shares, np.zeros((2, 2), np.float32))).all()
