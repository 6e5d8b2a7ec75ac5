"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import services.sink

MODULES = [
    module.name
    for module in pkgutil.walk_packages(services.sink.__path__, "services.sink.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
