"""The HTTP application: one route a gateway, and /v1/status. 2xx is sent only after the broker's acknowledgement."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson
from fastapi import FastAPI

from services.domain.bronze import complaint_id
from services.domain.identity import IdKey
from services.ingest_sms import documentation, fields, status
from services.ingest_sms.bronze import status_of
from services.ingest_sms.direct_routes import DirectRoute, Reply, add_direct_routes
from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.handler import GROUP
from services.ingest_sms.intake import Intake, Taken
from services.ingest_sms.request import Refused, Request
from services.ingest_sms.settings import IngestSmsSettings
from services.ingest_sms.signatures import check_api_key
from services.runtime.codec import Codec
from services.runtime.health import Health
from services.runtime.metrics import metrics
from services.runtime.publish import Publication
from services.runtime.settings import read_secret
from services.runtime.web import RETRY_AFTER_SECONDS, Refusal, create_app

DESCRIPTION = """
Takes complaints that customers send as SMS or WhatsApp messages, from gateways in their own formats and from direct
producers, and progress reports of ticket systems. An answer of 2xx means that the broker has it.
"""


class Publishes(Protocol):
    """What the application needs of services.runtime.publish.Publisher."""

    async def publish(self, records: Sequence[Publication]) -> None:
        """Return once the broker has all records; BrokerBusy otherwise."""
        ...


def create(settings: IngestSmsSettings, publisher: Publishes, ids: IdKey, codec: Codec, health: Health) -> FastAPI:
    """The application. SettingsError for a secret or mapping that cannot be read."""
    app = create_app(title="Complaints by SMS", service=GROUP, health=health, description=DESCRIPTION, version="1")
    limit = Limit(settings.ingest_sms_max_waiting)
    gateways = settings.gateways()
    routes: dict[str, DirectRoute] = {}
    for name in gateways:
        path = f"/v1/sms/{name}"
        intake = Intake(gateways[name], settings.credentials(name), ids, codec.encode, path)
        routes[path] = MessageRoute(intake, publisher, limit)
    key = read_secret(settings.status_key_file, "STATUS_KEY_FILE") if settings.status_key_file else ""
    routes["/v1/status"] = StatusRoute(key, settings.all_status_names(), publisher, limit, ids, codec)
    add_direct_routes(app, routes)
    documentation.add_paths(app, gateways)
    return app


class Limit:
    """Bounds how many requests wait for the broker at once: memory stays bounded when it slows down."""

    def __init__(self, most: int) -> None:
        self._left = most

    def __enter__(self) -> None:
        if self._left <= 0:
            raise Refusal(429, f"too many requests wait for the broker: retry in {RETRY_AFTER_SECONDS} s")
        self._left -= 1

    def __exit__(self, *_: object) -> None:
        self._left += 1


class MessageRoute:
    """Takes the messages of one gateway."""

    def __init__(self, intake: Intake, publisher: Publishes, limit: Limit) -> None:
        self.methods = intake.gateway.methods
        self._intake = intake
        self._publisher = publisher
        self._limit = limit
        answer = intake.gateway.answer
        self._reply = Reply(answer.status, answer.media_type, answer.body)
        self._tells_ids = intake.gateway is GATEWAYS["generic"]
        self._ignored = metrics().counter("records_ignored")
        self._dead = metrics().counter("dead_letters")

    async def answer(self, request: Request) -> Reply:
        """The vendor's own answer, once the broker has everything. Refused, Refusal, BrokerBusy, CodecError."""
        with self._limit:
            taken = self._intake.take(request, _now())
            if taken.records:
                await self._publisher.publish([Publication(*record) for record in taken.records])
        for reason, count in taken.ignored.items():
            self._ignored.labels(GROUP, reason).inc(count)
        for rejected in taken.rejected:
            self._dead.labels(GROUP, rejected.reason).inc()
        return Reply(200, "application/json", _summary(taken)) if self._tells_ids else self._reply


class StatusRoute:
    """Takes progress reports, one or a list of them."""

    methods = ("POST",)

    def __init__(
        self, key: str, names: Mapping[str, str], publisher: Publishes, limit: Limit, ids: IdKey, codec: Codec
    ) -> None:
        self._key = key
        self._names = names
        self._publisher = publisher
        self._limit = limit
        self._ids = ids
        self._codec = codec

    async def answer(self, request: Request) -> Reply:
        """How many were accepted. Refused when one of them is wrong: then none is."""
        with self._limit:
            if self._key:
                check_api_key(request, self._key)
            records = self._records(request)
            await self._publisher.publish(records)
        return Reply(200, "application/json", orjson.dumps({"status": "accepted", "accepted": len(records)}))

    def _records(self, request: Request) -> list[Publication]:
        document = fields.json_of(request.body)
        items = document if isinstance(document, list) else [document]
        if not items:
            raise Refused("missing_field", "the list is empty")
        return [self._record(item) for item in items]

    def _record(self, item: Any) -> Publication:
        update = status.status_update(item, _now())
        status_of(update["status"], self._names)  # an unknown name is told at once, not in a dead letter
        key = update["complaint_id"] or complaint_id(self._ids, update["source"], update["source_id"])
        return Publication("ingest.status", key.encode(), self._codec.encode("StatusUpdate", update))


def _summary(taken: Taken) -> bytes:
    answer: dict[str, Any] = {"status": "accepted", "accepted": len(taken.complaints), "complaints": taken.complaints}
    if taken.ignored:
        answer["ignored"] = taken.ignored
    if taken.rejected:
        answer["rejected"] = [{"index": r.index, "reason": r.reason, "error": r.detail} for r in taken.rejected]
    return orjson.dumps(answer)


def _now() -> int:
    return time.time_ns() // 1_000_000
