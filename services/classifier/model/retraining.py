"""The whole way from labelled texts to a model file: cross-validate, calibrate, train, describe."""

from collections.abc import Callable, Sequence

from services.classifier.model.artifact import Artifact
from services.classifier.model.calibration import IDENTITY
from services.classifier.model.crossvalidation import cross_validate
from services.classifier.model.dataset import Example
from services.classifier.model.training import SEED, artifact, fit


def _silent(_: str) -> None:
    return None


def retrain(
    hand: Sequence[Example],
    composed: Sequence[Example],
    *,
    folds: int = 4,
    seed: int = SEED,
    tell: Callable[[str], None] = _silent,
) -> Artifact:
    """A model of these examples, calibrated on held-out parts of `hand`; `tell` hears of the progress."""
    calibration = IDENTITY
    if folds:
        held_out = cross_validate(
            hand,
            composed,
            folds=folds,
            seed=seed,
            done=lambda fold: tell(f"cross-validation: part {fold + 1} of {folds}"),
        )
        calibration = held_out.calibration()
        tell(f"calibrated: temperature {calibration.temperature:.2f}")
    trained = fit(hand, composed, seed=seed)
    return artifact(trained, [*hand, *composed], calibration, seed)
