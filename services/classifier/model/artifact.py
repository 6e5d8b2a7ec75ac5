"""The trained model as a file: plain arrays (.npz, read without pickle) and a JSON description."""

import json
import zipfile
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.runtime.errors import PipelineError

FORMAT: Final = 1

Floats = NDArray[np.float32]


class ArtifactError(PipelineError):
    """A model file is missing, damaged or of another format."""


@dataclass(frozen=True)
class Artifact:
    """Weights of the linear model, one row a feature and one column an output, in the order of the name lists."""

    words: list[str]
    grams: list[str]
    bigrams: list[str]
    """Two words and a blank between them."""
    concepts: list[str]
    pairs: list[str]
    """Two concepts and a blank between them."""
    idf: Floats
    """Of `words`, then of a word never seen."""
    weights: Floats
    """(words + grams + bigrams + concepts + pairs) x outputs."""
    bias: Floats
    heads: dict[str, list[str]]
    """Classes of every head; the outputs are the heads' classes in this order."""
    numbers: dict[str, float]
    """Calibration and thresholds."""
    about: dict[str, Any]
    """Where it comes from: seed, library versions, hash of the data, counts."""

    @property
    def version(self) -> str:
        """Short form for model_version: data hash, lexicon hash and seed, then the training libraries."""
        about = self.about
        return (
            f"{about['data'][:8]}.{about['rules'][:8]}.s{about['seed']}"
            f"+sklearn{about['scikit-learn']}.numpy{about['numpy']}"
        )

    def save(self, path: Path) -> None:
        """Write the file; the same content gives the same bytes."""
        description = {
            "format": FORMAT,
            "heads": list(self.heads.items()),
            "numbers": self.numbers,
            "about": self.about,
        }
        names = {
            name: _bytes("\n".join(getattr(self, name))) for name in ("words", "grams", "bigrams", "concepts", "pairs")
        }
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                description=_bytes(json.dumps(description, sort_keys=True)),
                idf=self.idf.astype(np.float16),
                weights=self.weights.astype(np.float16),
                bias=self.bias.astype(np.float32),
                **names,
            )

    @classmethod
    def load(cls, path: Path) -> "Artifact":
        """Read a file; ArtifactError where it is none of ours."""
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            description = json.loads(_text(arrays["description"]))
            if description["format"] != FORMAT:
                raise ArtifactError(f"{path}: model format {description['format']}, expected {FORMAT}: train again")
            return cls(
                **{
                    name: _text(arrays[name]).split("\n") for name in ("words", "grams", "bigrams", "concepts", "pairs")
                },
                idf=arrays["idf"].astype(np.float32),
                weights=arrays["weights"].astype(np.float32),
                bias=arrays["bias"].astype(np.float32),
                heads=dict(description["heads"]),
                numbers=description["numbers"],
                about=description["about"],
            )
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as fault:
            raise ArtifactError(f"{path}: is no model file ({type(fault).__name__}): train one") from fault


def shipped() -> Artifact:
    """The model that comes with the package."""
    with as_file(files("services.classifier").joinpath("models/complaints.npz")) as path:
        return Artifact.load(path)


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    return array.tobytes().decode()
