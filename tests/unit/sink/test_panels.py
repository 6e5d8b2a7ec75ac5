"""Panels: macros expand as Grafana's plugin does, and every panel says what it shows."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sink.panels import PANELS, SECTIONS
from services.sink.panels.definition import Kind, Panel
from services.sink.panels.macros import expand

START = datetime.fromtimestamp(1415792726, UTC)
END = datetime.fromtimestamp(1447328726, UTC)


@pytest.mark.parametrize(
    ("query", "expanded"),
    [
        (
            "select * from foo where $__timeFilter(cast(sth as timestamp))",
            "select * from foo where cast(sth as timestamp) >= toDateTime(1415792726) "
            "AND cast(sth as timestamp) <= toDateTime(1447328726)",
        ),
        (
            "$__timeFilter_ms(at)",
            "at >= fromUnixTimestamp64Milli(1415792726000) AND at <= fromUnixTimestamp64Milli(1447328726000)",
        ),
        ("$__dateFilter(day)", "day >= toDate('2014-11-12') AND day <= toDate('2015-11-12')"),
        ("$__fromTime_ms", "fromUnixTimestamp64Milli(1415792726000)"),
        ("period = '$period' or '${period}'", "period = 'day' or 'day'"),
    ],
)
def test_macros_expand_as_the_plugin_does(query: str, expanded: str) -> None:
    assert expand(query, START, END, {"period": "day"}) == expanded


@pytest.mark.parametrize("query", ["$__columns(a, b)", "$__lttb", "$unknown"])
def test_what_only_grafana_can_expand_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"macro|variable"):
        expand(query, START, END)


@given(st.text(alphabet=st.characters(exclude_characters="$"), max_size=60))
def test_text_without_macros_stays_as_it_is(text: str) -> None:
    assert expand(text, START, END) == text


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_every_panel_is_whole(panel: Panel) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", panel.name)
    assert panel.description.endswith(".")
    assert panel.y or panel.kind is Kind.TABLE
    if panel.kind not in (Kind.STAT, Kind.TABLE):
        assert panel.x
    for variable, values in panel.variables.items():
        assert f"${variable}" in panel.sql
        assert values


def test_names_are_unique() -> None:
    assert len(PANELS) == sum(len(panels) for panels in SECTIONS.values())


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_no_panel_shows_more_than_views_do(panel: Panel) -> None:
    """Facts may be read for times and counts that no second delivery changes much; texts never."""
    assert not re.search(r"\btext\b", panel.sql)
    assert "landed" not in panel.sql
