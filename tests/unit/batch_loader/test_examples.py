"""The examples in docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import services.batch_loader

MODULES = [
    module.name
    for module in pkgutil.walk_packages(services.batch_loader.__path__, "services.batch_loader.")
    if ".migrations." not in module.name and not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
