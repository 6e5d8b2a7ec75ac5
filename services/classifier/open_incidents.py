"""The incidents that are open now, followed on the compacted topic `incidents` by every instance of the classifier."""

import logging
import threading
from typing import Any, Final

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition

from services.domain.places import Place
from services.runtime import kafka
from services.runtime.codec import Codec
from services.runtime.errors import CodecError
from services.runtime.settings import ServiceSettings

TOPIC: Final = "incidents"
POLL_SECONDS: Final = 0.5
_log = logging.getLogger(__name__)


class OpenIncidents:
    """A view of the open incidents, kept current by a daemon thread."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = {}

    def take(self, incident: dict[str, Any]) -> None:
        """A new version of an incident."""
        now_open = {key: value for key, value in self._open.items() if key != incident["incident_id"]}
        if incident["status"] != "closed":
            now_open[incident["incident_id"]] = incident
        self._open = now_open  # swapped whole: readers in another thread see the old or the new

    def of(self, cluster: str, place: Place, operator: str | None, occurred_at: int) -> str | None:
        """Id of the open incident that a complaint belongs to; the smallest area wins."""
        candidates = [
            incident
            for incident in self._open.values()
            if incident["cluster"] == cluster
            and incident["started_at"] <= occurred_at
            and (incident["operator"] is None or operator is None or incident["operator"] == operator)
            and _covers(incident, place)
        ]
        rank = {"lga": 0, "state": 1, "nation": 2}
        best = min(candidates, key=lambda i: (rank.get(i["level"], 3), i["started_at"]), default=None)
        return best["incident_id"] if best else None

    def follow(self, settings: ServiceSettings, codec: Codec) -> None:
        """Start the thread that reads the topic from its beginning and then stays on it."""
        threading.Thread(target=self._follow, args=(settings, codec), name="open-incidents", daemon=True).start()

    def _follow(self, settings: ServiceSettings, codec: Codec) -> None:
        reader = kafka.reader(settings)
        reader.assign([TopicPartition(settings.topic(TOPIC), 0, OFFSET_BEGINNING)])
        while True:
            try:
                message = reader.poll(POLL_SECONDS)
            except KafkaException as fault:
                _log.warning("incidents cannot be read now", extra={"error": fault.args[0].name()})
                continue
            if message is None:
                continue
            error = message.error()
            if error is not None:
                if error.code() != KafkaError._PARTITION_EOF:
                    _log.warning("incidents cannot be read now", extra={"error": error.name()})
                continue
            try:
                self.take(codec.decode("Incident", message.value()))
            except CodecError as unreadable:
                _log.warning("an incident cannot be read", extra={"reason": unreadable.reason})


def _covers(incident: dict[str, Any], place: Place) -> bool:
    if incident["level"] == "nation":
        return True
    if incident["level"] == "state":
        return bool(incident["state"] == place.state)
    return any(lga in incident["lgas"] for lga in place.lgas)
