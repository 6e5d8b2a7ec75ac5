"""What the proof finds wrong, and what is merely on its way."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """How bad a finding is."""

    MISSING = "missing"
    DOUBLED = "doubled"
    IN_FLIGHT = "in flight"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be, with the offsets it is about."""

    kind: Kind
    layer: str
    place: str
    """Topic and partition, as people write it: gold.batch[3]."""
    records: int
    what: str
    """What was found, with the offsets."""
    hour: datetime | None = None


class HourRow(NamedTuple):
    """One layer and hour of the view reconciliation, without grace for what is young."""

    layer: str
    hour: datetime
    expected: int
    found: int
    missing: int
    surplus: int
    in_flight: int


class ChannelRow(NamedTuple):
    """Records of one channel and hour: main outputs of the cleaner and the classifier, and what landed."""

    hour: datetime
    channel: str
    silver: int
    gold: int
    landed: int


@dataclass(slots=True)
class Proof:
    """All that was compared."""

    hours: list[HourRow] = field(default_factory=list)
    channels: list[ChannelRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of(self, *kinds: Kind) -> list[Finding]:
        """Findings of some kinds."""
        return [finding for finding in self.findings if finding.kind in kinds]

    def keep(self, again: "Proof") -> None:
        """Drop what is wrong here and not in a proof collected again: it was being written meanwhile."""
        confirmed = set(again.findings)
        self.findings = [finding for finding in self.findings if finding.kind is Kind.IN_FLIGHT or finding in confirmed]

    @property
    def wrong(self) -> bool:
        """Whether something is missing or doubled."""
        return bool(self.of(Kind.MISSING, Kind.DOUBLED))

    @property
    def settled(self) -> bool:
        """Whether everything balances and nothing is on its way."""
        return not self.findings

    def verdict(self) -> str:
        """One line.

        >>> Proof().verdict()
        'balanced: nothing was announced yet'
        """
        if self.wrong:
            counts = {kind: sum(finding.records for finding in self.of(kind)) for kind in (Kind.MISSING, Kind.DOUBLED)}
            return "not balanced: " + ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)
        flying = sum(finding.records for finding in self.of(Kind.IN_FLIGHT))
        if flying:
            return f"balanced so far: {flying} records in flight"
        landed = sum(row.found for row in self.hours if row.layer == "warehouse")
        if not self.hours:
            return "balanced: nothing was announced yet"
        return f"balanced: {landed} gold records landed, nothing missing, nothing doubled"
