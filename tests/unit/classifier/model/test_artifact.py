import hashlib
from pathlib import Path

import numpy as np
import pytest

from services.classifier.model.artifact import Artifact, ArtifactError, shipped
from services.classifier.model.dataset import shipped as shipped_data
from services.classifier.model.training import data_hash, rules_hash
from tests.unit.classifier.model.small import EXAMPLES, small_model


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    model = small_model()
    model.save(tmp_path / "m.npz")
    again = Artifact.load(tmp_path / "m.npz")
    assert (again.words, again.grams, again.bigrams) == (model.words, model.grams, model.bigrams)
    assert (again.concepts, again.pairs, again.heads) == (model.concepts, model.pairs, model.heads)
    assert list(again.heads) == list(model.heads)
    assert again.numbers == model.numbers
    assert again.version == model.version
    step = np.abs(model.inner).max(axis=0) / 127
    assert (np.abs(again.inner - model.inner) <= step * 0.51).all()
    assert np.array_equal(again.outer, model.outer)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name in ("a.npz", "b.npz"):
        small_model().save(tmp_path / name)
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_the_version_names_data_seed_and_libraries() -> None:
    version = small_model().version
    assert version.startswith(data_hash(EXAMPLES)[:8])
    assert rules_hash()[:8] in version
    assert ".s1+" in version
    assert f"numpy{np.__version__}" in version


def test_other_data_have_another_hash() -> None:
    assert data_hash(EXAMPLES) != data_hash(EXAMPLES[1:])


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_model_gives_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(ArtifactError, match="is no model file"):
        Artifact.load(tmp_path / "m.npz")


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", description=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ArtifactError, match="is no model file"):
        Artifact.load(tmp_path / "m.npz")


def test_the_shipped_model_was_trained_on_the_shipped_data_and_rules() -> None:
    about = shipped().about
    assert about["data"] == data_hash(shipped_data("hand") + shipped_data("composed"))
    assert about["rules"] == rules_hash()


def test_the_shipped_file_is_small() -> None:
    file = Path(__file__).parents[4] / "services" / "classifier" / "models" / "complaints.npz"
    assert file.stat().st_size < 5_000_000
