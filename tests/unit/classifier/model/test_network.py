import numpy as np
import pytest
from scipy.sparse import csr_matrix

from services.classifier.model.network import UNKNOWN, Head, Recipe, columns, train_network

HEADS = (Head("colour", ("red", "blue"), 1.0), Head("size", ("big", "small", "tiny"), 1.0))
RECIPE = Recipe(hidden=16, epochs=200, batch=8, feature_dropout=0.0, hidden_dropout=0.0, smoothing=0.0, least_steps=0)
ROWS = csr_matrix(np.array([[1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 1]], np.float32))


def targets(colour: list[int], size: list[int]) -> dict[str, np.ndarray]:
    return {"colour": np.array(colour), "size": np.array(size)}


def answers(rows: csr_matrix, goals: dict[str, np.ndarray], seed: int = 1) -> dict[str, list[int]]:
    network = train_network(rows, goals, np.ones(rows.shape[0], np.float32), HEADS, RECIPE, seed)
    outputs = network.outputs(rows)
    return {name: outputs[:, where].argmax(axis=1).tolist() for name, where in columns(HEADS).items()}


def test_it_learns_what_no_linear_model_can() -> None:
    goals = targets([1, 1, 0, 0], [0, 1, 2, 0])
    assert answers(ROWS, goals) == {"colour": [1, 1, 0, 0], "size": [0, 1, 2, 0]}


def test_an_unknown_target_teaches_nothing() -> None:
    goals = targets([1, 1, 0, 0], [UNKNOWN, 1, UNKNOWN, 1])
    assert answers(ROWS, goals)["size"] == [1, 1, 1, 1]


def test_the_same_seed_gives_the_same_weights() -> None:
    goals = targets([1, 0, 1, 0], [0, 1, 2, 0])
    shares = np.ones(4, np.float32)
    recipe = Recipe(hidden=4, epochs=3, batch=2, least_steps=0)
    one, two = (train_network(ROWS, goals, shares, HEADS, recipe, 5) for _ in range(2))
    other = train_network(ROWS, goals, shares, HEADS, recipe, 6)
    assert np.array_equal(one.inner, two.inner)
    assert np.array_equal(one.outer, two.outer)
    assert not np.array_equal(one.inner, other.inner)


@pytest.mark.parametrize("bias", [0.6, 20.0])
def test_rare_classes_count_as_much_as_frequent_ones(bias: float) -> None:
    rows = csr_matrix(np.ones((20, 1), np.float32))
    goals = targets([0] * 18 + [1] * 2, [0] * 20)
    shares = np.array([1.0] * 18 + [bias] * 2, np.float32)
    network = train_network(rows, goals, shares, HEADS, RECIPE, 1)
    first, second = network.outputs(rows)[0, :2]
    assert abs(first - second) < 0.2
