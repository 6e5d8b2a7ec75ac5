"""Drawings are well-formed, say their numbers, and escape what comes from data."""

import itertools
import math
import xml.etree.ElementTree as ET
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sink.panels import PANELS
from services.sink.panels.definition import Kind, Panel, Unit
from services.sink.report import bars, numbers, periods, rows
from services.sink.report.ask import LAGOS, Answer
from services.sink.report.draw import cell, drawing
from services.sink.report.svg import Frame, element, label

NOW = datetime(2026, 4, 6, 13, 30, tzinfo=LAGOS)
EVIL = "<script>alert('x')</script>&\""


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  (our own text)


def titles(svg: str) -> list[str]:
    return [node.text or "" for node in parsed(svg).iter("title")]


def sample(panel: Panel) -> Answer:
    """An answer that fits a panel, with nasty names."""
    if panel.name == "incidents_timeline":
        columns = ("incident", "start", "end", "status", "level", "lgas", "customers", "ncc", "compensation")
        found = [(EVIL, NOW, NOW + timedelta(hours=2), "closed", "state", 6, 12, True, False)]
        return Answer(columns, [*found, ("b", NOW, NOW, "opened", "lga", 1, 5, False, False)])
    if panel.kind is Kind.LINES:
        return Answer(
            (panel.x, *panel.y), [(NOW + timedelta(minutes=n), *([float(n)] * len(panel.y))) for n in range(5)]
        )
    if panel.kind is Kind.HEATMAP:
        return Answer((panel.series, panel.x, *panel.y), [(1, 0, 5), (7, 23, 9)])
    if panel.kind is Kind.TABLE:
        return Answer(("a", "b"), [(EVIL, None), (1.5, NOW)])
    first = date(2026, 4, 6) if panel.variables and panel.x == "period_start" else EVIL
    if panel.series:
        return Answer((panel.x, panel.series, *panel.y), [(first, "sms", 3), (first, "x", 4)])
    return Answer((panel.x, *panel.y), [(first, *([2.0] * len(panel.y))), ("second", *([1.0] * len(panel.y)))])


@pytest.mark.parametrize("panel", [p for p in PANELS.values() if p.kind is not Kind.STAT], ids=lambda p: p.name)
def test_every_panel_draws_well_formed_svg_that_escapes_its_data(panel: Panel) -> None:
    made = drawing(panel, sample(panel), "day" if panel.variables else "")
    assert made.rows
    for svg in (made.wide, made.narrow):
        if panel.kind is Kind.TABLE:
            assert svg == ""
            continue
        root = parsed(svg)
        assert root.attrib["aria-label"].startswith(panel.title)
        assert titles(svg), "numbers on hover"
        assert "<script" not in svg


@pytest.mark.parametrize("panel", [p for p in PANELS.values() if p.kind is not Kind.STAT], ids=lambda p: p.name)
def test_nothing_to_show_draws_nothing(panel: Panel) -> None:
    made = drawing(panel, Answer((panel.x or "a", *panel.y), []))
    assert (made.wide, made.narrow, made.rows) == ("", "", ())


def test_a_stack_is_as_high_as_its_parts_and_says_them() -> None:
    svg = bars.stacked("t", [("a", {"sms": 30, "x": 10}), ("b", {"x": 40})], ["sms", "x"], Unit.COUNT, 400)
    heights: dict[str, float] = {}
    for rect in parsed(svg).iter("rect"):
        if rect.attrib["class"].startswith("c"):
            heights[rect.attrib["x"]] = heights.get(rect.attrib["x"], 0) + float(rect.attrib["height"])
    assert len(set(heights.values())) == 1
    assert titles(svg) == ["a: 40\nx: 10\nsms: 30", "b: 40\nx: 40"]


def test_a_pareto_adds_up_to_the_whole() -> None:
    svg = bars.pareto("t", [("a", 6), ("b", 3), ("c", 1)], Unit.COUNT, 400)
    assert titles(svg)[-1] == "c: 1\n10.0%, with those before 100.0%"


def test_rows_on_a_logarithmic_axis_keep_their_order_and_zero_is_visible() -> None:
    svg = rows.rows("t", [("a", [0.0]), ("b", [2.0]), ("c", [86_400.0])], ["p50"], Unit.SECONDS, 500, log=True)
    widths = [float(rect.attrib["width"]) for rect in parsed(svg).iter("rect")]
    assert widths == sorted(widths)
    assert titles(svg) == ["a: 0 s", "b: 2 s", "c: 1 d"]


def test_values_that_are_not_there_are_left_out() -> None:
    svg = rows.rows("t", [("a", [math.nan, 1.0])], ["p50", "p95"], Unit.COUNT, 400)
    assert titles(svg) == ["a, p95: 1"]


@given(st.floats(1e-4, 1e12))
def test_ticks_begin_at_zero_and_reach_the_largest_value(largest: float) -> None:
    marks = numbers.ticks(largest)
    assert marks[0] == 0
    assert marks[-1] >= largest * 0.999
    assert 2 <= len(marks) <= 7


@given(
    st.sampled_from(sorted(periods.SHOWN)),
    st.lists(st.dates(date(2010, 1, 1), date(2030, 1, 1)), min_size=1, max_size=20),
)
def test_the_axis_of_periods_has_no_gap_and_ends_with_the_newest(period: str, days: list[date]) -> None:
    starts = {
        "day": lambda d: d,
        "week": lambda d: d - timedelta(days=d.weekday()),
        "month": lambda d: d.replace(day=1),
        "quarter": lambda d: d.replace(month=(d.month - 1) // 3 * 3 + 1, day=1),
        "year": lambda d: d.replace(month=1, day=1),
    }
    given_starts = {starts[period](day) for day in days}
    axis = periods.axis(period, given_starts)
    assert axis[-1] == max(given_starts)
    assert len(axis) <= periods.SHOWN[period]
    assert all(periods.before(period, later) == earlier for earlier, later in itertools.pairwise(axis))
    assert all(start in axis for start in given_starts if start >= axis[0])


def test_text_and_attributes_are_escaped() -> None:
    assert "<script" not in element("text", label(EVIL, 1, 2), aria_label=EVIL)
    assert parsed(Frame(10, 10).svg(EVIL, [])).attrib["aria-label"] == EVIL


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (True, "yes"), (1234, "1,234"), (1.5, "1.50"), (NOW, "2026-04-06 13:30"), ("a", "a")],
)
def test_cells_of_tables(value: object, shown: str) -> None:
    assert cell(value) == shown
