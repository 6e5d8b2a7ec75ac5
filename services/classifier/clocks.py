"""Clocks that run on a complaint: first contact, resolution and the day it may go to the regulator.

All clocks are calendar hours and start when the customer reported, not when we read it. Defaults: the Nigerian
Communications Commission's Consumer Complaint Service Level Agreement (2019/2020) and its draft Consumer Code of
Practice; every value can be set in a YAML file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from services.domain.vocabulary import CATEGORIES
from services.runtime.errors import SettingsError

HOUR_MS = 3_600_000
NO_POLICY = "none"
"""Name of the policy of a message that is no complaint: no clock runs."""


class Due(NamedTuple):
    """Due times in milliseconds since the epoch, UTC; None where no clock of that kind runs."""

    policy: str
    first_contact_due_at: int | None
    resolve_due_at: int | None
    escalation_due_at: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """One named set of clocks, in hours."""

    name: str
    first_contact_hours: float
    resolve_hours: float


NOT_RUNNING = Due(NO_POLICY, None, None, None)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Clock policies by category."""

    by_category: Mapping[str, Policy]
    escalated: Mapping[str, Policy]
    """Policies that replace those of `by_category` once the complaint has been taken to the regulator."""
    escalation_days: int
    zone: ZoneInfo

    @classmethod
    def load(cls, path: Path | None = None) -> "Clocks":
        """Clocks of a YAML file, or the shipped defaults; SettingsError with one line where the file is wrong."""
        try:
            if path is None:
                text = files("services.classifier.data").joinpath("clocks.yaml").read_text(encoding="utf-8")
            else:
                text = path.read_text(encoding="utf-8")
            document = yaml.safe_load(text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
            raise SettingsError(f"clock policies: cannot read the YAML file ({type(fault).__name__})") from fault
        return cls.from_mapping(document)

    @classmethod
    def from_mapping(cls, document: Any) -> "Clocks":
        """Clocks of a parsed document with `timezone`, `escalation_days`, `policies`, `categories`, `escalated`."""
        if not isinstance(document, Mapping):
            raise SettingsError("clock policies: the document must be a mapping")
        policies = {name: _policy(name, body) for name, body in _section(document, "policies").items()}
        if "default" not in policies:
            raise SettingsError("clock policies: a policy named default is needed")
        chosen = _choice(document, "categories", policies)
        days = document.get("escalation_days", 30)
        if not isinstance(days, int) or isinstance(days, bool) or days < 1:
            raise SettingsError("clock policies: escalation_days must be a whole number of days from 1")
        try:
            zone = ZoneInfo(str(document.get("timezone", "Africa/Lagos")))
        except (ZoneInfoNotFoundError, ValueError) as fault:
            raise SettingsError("clock policies: timezone must be an IANA name such as Africa/Lagos") from fault
        return cls(
            by_category={category: chosen.get(category, policies["default"]) for category in CATEGORIES},
            escalated=_choice(document, "escalated", policies),
            escalation_days=days,
            zone=zone,
        )

    def due(
        self,
        category: str,
        occurred_at: int,
        *,
        escalated: bool = False,
        is_complaint: bool = True,
    ) -> Due:
        """Due times of a complaint that was made at `occurred_at` (ms since the epoch, UTC).

        `escalated`: the customer has already taken it to the regulator. KeyError for an unknown category.

        >>> clocks = Clocks.load()
        >>> due = clocks.due("billing_overcharge", 1_700_000_000_000)
        >>> due.policy, (due.resolve_due_at - 1_700_000_000_000) // HOUR_MS
        ('billing', 24)
        """
        if not is_complaint:
            return NOT_RUNNING
        policy = self.by_category[category]
        if escalated:
            policy = self.escalated.get(category, policy)
        return Due(
            policy.name,
            occurred_at + round(policy.first_contact_hours * HOUR_MS),
            occurred_at + round(policy.resolve_hours * HOUR_MS),
            self._days_later(occurred_at),
        )

    def _days_later(self, occurred_at: int) -> int:
        """The same local time of day, whole calendar days later: the two differ where clocks are put forward."""
        seconds, millis = divmod(occurred_at, 1000)
        local = datetime.fromtimestamp(seconds, UTC).astimezone(self.zone)
        return int((local + timedelta(days=self.escalation_days)).timestamp()) * 1000 + millis


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name) or {}
    if not isinstance(section, Mapping):
        raise SettingsError(f"clock policies: {name} must be a mapping")
    return section


def _policy(name: str, body: Any) -> Policy:
    if not isinstance(body, Mapping):
        raise SettingsError(f"clock policies: policy {name} must be a mapping")
    hours = []
    for field in ("first_contact_hours", "resolve_hours"):
        value = body.get(field)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 24 * 365:
            raise SettingsError(f"clock policies: {field} of policy {name} must be hours above 0")
        hours.append(float(value))
    return Policy(str(name), hours[0], hours[1])


def _choice(document: Mapping[str, Any], section: str, policies: Mapping[str, Policy]) -> dict[str, Policy]:
    chosen = {}
    for category, name in _section(document, section).items():
        if category not in CATEGORIES:
            raise SettingsError(f"clock policies: {section} names a category that does not exist")
        if name not in policies:
            raise SettingsError(f"clock policies: {section} of {category} names a policy that does not exist")
        chosen[category] = policies[name]
    return chosen
