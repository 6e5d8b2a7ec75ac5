from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.clocks import HOUR_MS, Clocks
from services.domain.vocabulary import CATEGORIES
from services.runtime.errors import SettingsError

OCCURRED = int(datetime(2026, 11, 24, 22, 30, tzinfo=UTC).timestamp() * 1000)
CLOCKS = Clocks.load()


def hours(due: int | None) -> float:
    assert due is not None
    return (due - OCCURRED) / HOUR_MS


@pytest.mark.parametrize(
    ("category", "policy", "contact", "resolve"),
    [
        ("internet_data", "data_quality", 4, 72),
        ("billing_overcharge", "billing", 24, 24),
        ("recharge_topup", "billing", 24, 24),
        ("network_outage", "default", 24, 48),
        ("other", "default", 24, 48),
    ],
)
def test_the_regulators_clocks_are_the_defaults(category: str, policy: str, contact: int, resolve: int) -> None:
    due = CLOCKS.due(category, OCCURRED)
    assert (due.policy, hours(due.first_contact_due_at), hours(due.resolve_due_at)) == (policy, contact, resolve)


def test_data_quality_runs_faster_once_the_regulator_has_it() -> None:
    due = CLOCKS.due("internet_data", OCCURRED, escalated=True)
    assert (hours(due.first_contact_due_at), hours(due.resolve_due_at)) == (2, 48)


def test_escalation_leaves_other_categories_as_they_are() -> None:
    assert CLOCKS.due("customer_care", OCCURRED, escalated=True) == CLOCKS.due("customer_care", OCCURRED)


def test_no_clock_runs_for_what_is_no_complaint() -> None:
    due = CLOCKS.due("other", OCCURRED, is_complaint=False)
    assert due == ("none", None, None, None)


def test_after_thirty_days_the_customer_may_go_to_the_regulator() -> None:
    assert CLOCKS.due("promotions", OCCURRED).escalation_due_at == OCCURRED + 30 * 24 * HOUR_MS


def test_days_are_calendar_days_where_clocks_are_put_forward() -> None:
    clocks = Clocks.from_mapping(
        {
            "timezone": "Europe/Berlin",
            "escalation_days": 1,
            "policies": {"default": {"first_contact_hours": 1, "resolve_hours": 1}},
        }
    )
    before = datetime(2026, 3, 28, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    due = clocks.due("other", int(before.timestamp() * 1000)).escalation_due_at
    assert due is not None
    assert timedelta(milliseconds=due - int(before.timestamp() * 1000)) == timedelta(hours=23)


@settings(max_examples=40)
@given(st.sampled_from(CATEGORIES), st.integers(946_684_800_000, 4_000_000_000_000), st.booleans())
def test_contact_comes_no_later_than_resolution_and_escalation_last(category: str, at: int, escalated: bool) -> None:
    due = CLOCKS.due(category, at, escalated=escalated)
    assert due.first_contact_due_at is not None
    assert due.resolve_due_at is not None
    assert due.escalation_due_at is not None
    assert at < due.first_contact_due_at <= due.resolve_due_at < due.escalation_due_at


def test_a_file_replaces_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "sla.yaml"
    file.write_text(
        "policies:\n"
        "  default: {first_contact_hours: 1, resolve_hours: 2}\n"
        "  vip: {first_contact_hours: 0.5, resolve_hours: 1}\n"
        "categories: {fraud_security: vip}\n"
    )
    clocks = Clocks.load(file)
    assert hours(clocks.due("fraud_security", OCCURRED).first_contact_due_at) == 0.5
    assert clocks.due("internet_data", OCCURRED).policy == "default"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "must be a mapping"),
        ("policies: {}", "default is needed"),
        ("policies: {default: {first_contact_hours: 0, resolve_hours: 2}}", "first_contact_hours of policy default"),
        ("policies: {default: {first_contact_hours: 1, resolve_hours: yes}}", "resolve_hours of policy default"),
        ("policies: [1]", "policies must be a mapping"),
        (
            "policies: {default: {first_contact_hours: 1, resolve_hours: 2}}\ncategories: {weather: default}",
            "category that does not exist",
        ),
        (
            "policies: {default: {first_contact_hours: 1, resolve_hours: 2}}\ncategories: {other: gold}",
            "policy that does not exist",
        ),
        (
            "policies: {default: {first_contact_hours: 1, resolve_hours: 2}}\nescalation_days: 0",
            "whole number of days",
        ),
        (
            "policies: {default: {first_contact_hours: 1, resolve_hours: 2}}\ntimezone: Mars/Base",
            "IANA name",
        ),
        ("policies: {default: [", "cannot read"),
    ],
)
def test_a_wrong_file_gives_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "sla.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        Clocks.load(file)
    assert "\n" not in str(caught.value)


def test_a_missing_file_gives_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FileNotFoundError"):
        Clocks.load(tmp_path / "none.yaml")
