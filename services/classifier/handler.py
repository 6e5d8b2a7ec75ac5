"""The classifier's handler: silver in, gold out, and an observation for the outage detector where it concerns one."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from services.classifier.clocks import Clocks
from services.classifier.gold import Situation, gold_event, is_status_only, observation, status_event
from services.classifier.model import Classifier, Input
from services.classifier.recurrence import ALONE, Contact, Overlay, Recurrence
from services.domain.outages import cluster_of
from services.domain.places import NOWHERE, Gazetteer, Place
from services.runtime.codec import Codec
from services.runtime.errors import CodecError
from services.runtime.metrics import metrics
from services.runtime.stage import Outcomes, Record, StageSpec

SPEC: Final = StageSpec(
    service="classifier",
    group="classifier",
    lanes={"realtime": ("silver.realtime",), "batch": ("silver.batch",)},
    changelog="classifier-contacts-changelog",
    layer="gold",
    side_topics=frozenset({"observations"}),
)
OUTPUT: Final = {"realtime": "gold.realtime", "batch": "gold.batch"}
OBSERVED_MS: Final = 24 * 3_600_000
"""Older complaints say nothing of an outage now."""

IncidentOf = Callable[[str, Place, str | None, int], str | None]
"""(cluster, place, operator, occurred_at) -> id of an incident that is open there, as far as this instance knows."""


class ClassifierHandler:
    """Turns silver events into gold events. State: contacts of customers within 30 days, by partition."""

    def __init__(
        self, codec: Codec, classifier: Classifier, gazetteer: Gazetteer, clocks: Clocks, incident_of: IncidentOf
    ) -> None:
        self._codec = codec
        self._classifier = classifier
        self._gazetteer = gazetteer
        self._clocks = clocks
        self._incident_of = incident_of
        self._states: dict[int, Recurrence] = {}

    def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:
        """Gold events of a batch of one lane."""
        outcomes = Outcomes(records)
        decoded = self._decoded(records, outcomes)
        to_classify = [silver for _, _, silver in decoded if not is_status_only(silver)]
        found = iter(self._classifier.classify([_input(silver) for silver in to_classify]))
        overlays: dict[int, Overlay] = {}
        labels: dict[tuple[str, str], int] = {}
        for index, record, silver in decoded:
            if is_status_only(silver):
                gold, observed = status_event(silver, now), None
            else:
                gold, observed = self._gold(silver, next(found), self._overlay(overlays, record.partition), now)
                label = (gold["category"], gold["priority"])
                labels[label] = labels.get(label, 0) + 1
            outcomes.emit(
                index,
                OUTPUT[lane],
                record.key,
                self._codec.encode("GoldEvent", gold),
                channel=gold["channel"],
                occurred_at=gold["occurred_at"],
            )
            if observed is not None:
                outcomes.emit(
                    index, "observations", record.key, self._codec.encode("Observation", observed), main=False
                )
        for partition, overlay in overlays.items():
            if overlay.contacts:
                contacts = [contact.as_record() for contact in overlay.contacts]
                state = {"contacts": contacts, "received_at": overlay.received_at}
                outcomes.changelog(partition, self._codec.encode("ClassifierState", state))
        outcomes.state = (overlays, labels)
        return outcomes

    def apply(self, outcomes: Outcomes) -> None:
        """Remember what was committed."""
        overlays, labels = outcomes.state
        for partition, overlay in overlays.items():
            if overlay.contacts:
                self._state(partition).apply(overlay.contacts, overlay.received_at)
        for (category, priority), number in labels.items():
            metrics().counter("classified").labels(category, priority).inc(number)

    def restore(self, partition: int, values: Iterable[bytes]) -> None:
        """Add changelog values to the state of a partition."""
        state = self._state(partition)
        for value in values:
            record = self._codec.decode("ClassifierState", value)
            state.apply([Contact(**contact) for contact in record["contacts"]], record["received_at"])

    def drop(self, partition: int) -> None:
        """Forget a partition."""
        self._states.pop(partition, None)

    def _state(self, partition: int) -> Recurrence:
        return self._states.setdefault(partition, Recurrence())

    def _overlay(self, overlays: dict[int, Overlay], partition: int) -> Overlay:
        if partition not in overlays:
            overlays[partition] = self._states.get(partition, Recurrence()).overlay()
        return overlays[partition]

    def _decoded(self, records: Sequence[Record], outcomes: Outcomes) -> list[tuple[int, Record, dict[str, Any]]]:
        decoded = []
        for index, record in enumerate(records):
            try:
                decoded.append((index, record, self._codec.decode("SilverEvent", record.value)))
            except CodecError as error:
                outcomes.dead(index, error.reason, str(error))
        return decoded

    def _gold(
        self, silver: dict[str, Any], found: Any, overlay: Overlay, now: int
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        place = NOWHERE
        if silver["text"] and not (silver["state"] and silver["lga"]):
            place = self._gazetteer.resolve(silver["text"], silver["state"], silver["lga"])
        counts = ALONE
        if found.is_complaint:
            counts = overlay.observe(
                silver["customer_key"],
                silver["complaint_id"],
                silver["occurred_at"],
                found.category,
                silver["received_at"],
            )
        cluster = cluster_of(found.category) if found.is_complaint else None
        whole = _whole(silver, place)
        operator = silver["operator"] or found.operator
        incident_id = self._incident_of(cluster, whole, operator, silver["occurred_at"]) if cluster else None
        situation = Situation(place, counts, incident_id)
        gold = gold_event(silver, found, situation, self._clocks, self._classifier.version, now)
        current = silver["generation"] == 0 and silver["occurred_at"] >= now - OBSERVED_MS
        if cluster is None or not current or whole.state is None:
            return gold, None
        return gold, observation(gold, cluster, whole.lgas)


def _whole(silver: dict[str, Any], place: Place) -> Place:
    """The place of form fields and text together; form fields win."""
    state, lga = silver["state"], silver["lga"]
    if state and lga:
        return Place(state, lga, (f"{state}/{lga}",), 1.0, ("form field",))
    return place if place.is_known else Place(state, None, (), 1.0 if state else 0.0, ())


def _input(silver: dict[str, Any]) -> Input:
    return Input(
        text=silver["text"],
        channel=silver["channel"],
        source_category=silver["source_category"],
        language=silver["language"],
        state=silver["state"],
        reach=silver["reach"],
    )
