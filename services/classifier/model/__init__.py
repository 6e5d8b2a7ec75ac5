"""The classifier of texts: `Classifier.load().classify([Input(text=...)])`."""

from services.classifier.model.classifier import Classification, Classifier, Input

__all__ = ["Classification", "Classifier", "Input"]
