"""Planned outages."""

from pathlib import Path

import pytest

from services.classifier.outages.calendar import Calendar, Planned
from services.runtime.errors import SettingsError

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        (Planned("Lagos/Epe", 0, HOUR), True),
        (Planned("Lagos", 0, HOUR), True),
        (Planned("NG", 0, HOUR), True),
        (Planned("Lagos/Ikeja", 0, HOUR), False),
        (Planned("Lagos/Epe", HOUR, 2 * HOUR), False),
        (Planned("Lagos/Epe", 0, HOUR, cluster="internet"), False),
        (Planned("Lagos/Epe", 0, HOUR, operator="Glo"), False),
        (Planned("Lagos/Epe", 0, HOUR, cluster="network", operator="Beejan"), True),
    ],
)
def test_an_entry_covers_its_area_time_cluster_and_operator(entry: Planned, covered: bool) -> None:
    assert Calendar([entry]).covers("network", "Beejan", "Lagos/Epe", 1_000) is covered


def test_work_in_one_area_does_not_excuse_the_state() -> None:
    assert not Calendar([Planned("Lagos/Epe", 0, HOUR)]).covers("network", "Beejan", "Lagos", 1_000)


def test_work_in_one_of_its_areas_excuses_a_town() -> None:
    town = "Abia/Aba North+Abia/Aba South"
    assert Calendar([Planned("Abia/Aba South", 0, HOUR)]).covers("network", None, town, 1_000)


def test_a_calendar_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "planned.yaml"
    path.write_text(
        "- {area: Lagos/Epe, start: 2026-03-01T22:00:00+01:00, end: '2026-03-02T04:00:00+01:00', operator: Beejan}\n"
    )
    (entry,) = Calendar.load(path).planned
    assert (entry.area, entry.operator, entry.cluster) == ("Lagos/Epe", "Beejan", None)
    assert entry.end - entry.start == 6 * HOUR


@pytest.mark.parametrize(
    "text",
    [
        "area: Lagos",
        "- {area: Lagos}",
        "- {area: Lagos, start: 2026-03-01T22:00:00, end: 2026-03-02T04:00:00}",
        "- {area: Lagos, start: 2026-03-02T22:00:00+01:00, end: 2026-03-01T04:00:00+01:00}",
        "- [",
        "- 5",
    ],
)
def test_a_wrong_calendar_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "planned.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"planned\.yaml"):
        Calendar.load(path)


def test_a_missing_calendar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        Calendar.load(tmp_path / "none.yaml")
