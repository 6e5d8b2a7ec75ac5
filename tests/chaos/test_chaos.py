"""The short form of the fault run: every kind of fault once, under traffic on all ways in."""

import pytest
from rich.console import Console

from tests.chaos.__main__ import chaos

SECONDS = 75


@pytest.mark.kafka
@pytest.mark.clickhouse
@pytest.mark.timeout(400)
def test_nothing_is_lost_or_doubled_while_everything_fails_once() -> None:
    assert chaos(seed=20260, seconds=SECONDS, rate=10, console=Console(quiet=True)) == []
