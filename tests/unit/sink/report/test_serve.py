"""The live report renders seldom, and shows its age while the warehouse is away."""

import pytest

from services.sink.report.serve import FRESH_SECONDS, STALE_MARK, LiveReport
from services.sink.warehouse import WarehouseAway


class Drawer:
    def __init__(self) -> None:
        self.calls = 0
        self.away = False

    def __call__(self, days: float) -> str:
        if self.away:
            raise WarehouseAway("away")
        self.calls += 1
        return f"<p>{days} {self.calls}</p>{STALE_MARK}"


def test_it_draws_once_while_the_last_drawing_is_fresh() -> None:
    now = [0.0]
    draw = Drawer()
    live = LiveReport(draw, lambda: now[0])
    assert live.html(0) == live.html(0)
    assert draw.calls == 1
    now[0] = FRESH_SECONDS
    live.html(0)
    assert draw.calls == 2


def test_while_the_warehouse_is_away_the_last_report_says_of_when_it_is() -> None:
    now = [0.0]
    draw = Drawer()
    live = LiveReport(draw, lambda: now[0])
    first = live.html(30)
    draw.away, now[0] = True, 100.0
    stale = live.html(30)
    assert "does not answer" in stale
    assert stale.startswith(first.removesuffix(STALE_MARK))
    draw.away, now[0] = False, 200.0
    assert "does not answer" not in live.html(30)


def test_without_any_earlier_report_the_absence_is_told() -> None:
    draw = Drawer()
    draw.away = True
    with pytest.raises(WarehouseAway):
        LiveReport(draw).html(0)
