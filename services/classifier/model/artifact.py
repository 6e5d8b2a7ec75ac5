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

FORMAT: Final = 3
_LARGEST: Final = 127  # of 8 bits with a sign: a step is a hundredth of the mean weight, and changes no result
_NAMES: Final = ("words", "grams", "bigrams", "concepts", "pairs")
_ARRAYS: Final = ("idf", "inner", "inner_scale", "inner_bias", "outer", "outer_bias")

Floats = NDArray[np.float32]


class ArtifactError(PipelineError):
    """A model file is missing, damaged or of another format."""


@dataclass(frozen=True)
class Artifact:
    """Names of the features, weights of the networks side by side, and how scores become probabilities."""

    words: list[str]
    grams: list[str]
    bigrams: list[str]
    """Two words and a blank between them."""
    concepts: list[str]
    pairs: list[str]
    """Two concepts and a blank between them."""
    idf: Floats
    """Of `words`, then of a word never seen."""
    inner: Floats
    """First layer: (words + grams + bigrams + concepts + pairs) x (networks x hidden units)."""
    inner_bias: Floats
    outer: Floats
    """Second layer of all networks: (networks x hidden units) x outputs, already divided by their number."""
    outer_bias: Floats
    heads: dict[str, list[str]]
    """Classes of every head; the outputs are the heads' classes in this order."""
    numbers: dict[str, float]
    """Calibration and thresholds."""
    about: dict[str, Any]
    """Where it comes from: seed, library versions, hash of the data, counts."""

    @property
    def version(self) -> str:
        """Short form for model_version: hashes of data and rules, seed, libraries that trained it."""
        about = self.about
        return f"{about['data'][:8]}.{about['rules'][:8]}.s{about['seed']}+numpy{about['numpy']}.scipy{about['scipy']}"

    def save(self, path: Path) -> None:
        """Write the file, first-layer weights in 8 bits; the same content gives the same bytes."""
        description = {
            "format": FORMAT,
            "heads": list(self.heads.items()),
            "numbers": self.numbers,
            "about": self.about,
        }
        scale = np.maximum(np.abs(self.inner).max(axis=0), 1e-9) / _LARGEST
        arrays = {
            "description": _bytes(json.dumps(description, sort_keys=True)),
            "idf": self.idf.astype(np.float16),
            "inner": np.round(self.inner / scale).astype(np.int8),
            "inner_scale": scale.astype(np.float32),
            "inner_bias": self.inner_bias.astype(np.float32),
            "outer": self.outer.astype(np.float32),
            "outer_bias": self.outer_bias.astype(np.float32),
        }
        arrays |= {name: _bytes("\n".join(getattr(self, name))) for name in _NAMES}
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Artifact":
        """Read a file; ArtifactError where it is none of ours."""
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            description = json.loads(_text(arrays["description"]))
            if description["format"] != FORMAT:
                raise ArtifactError(f"{path}: model format {description['format']}, expected {FORMAT}: train again")
            words, grams, bigrams, concepts, pairs = (_lines(arrays[name]) for name in _NAMES)
            idf, inner, scale, inner_bias, outer, outer_bias = (arrays[name].astype(np.float32) for name in _ARRAYS)
            return cls(
                words=words,
                grams=grams,
                bigrams=bigrams,
                concepts=concepts,
                pairs=pairs,
                idf=idf,
                inner=inner * scale,
                inner_bias=inner_bias,
                outer=outer,
                outer_bias=outer_bias,
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


def _lines(array: NDArray[Any]) -> list[str]:
    text = _text(array)
    return text.split("\n") if text else []
