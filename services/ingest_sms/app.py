"""The HTTP application: one route a gateway, and /v1/status. 2xx is sent only after the broker's acknowledgement."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson
from fastapi import FastAPI, Request, Response

from services.domain.bronze import complaint_id
from services.domain.identity import IdKey
from services.ingest_sms import fields, request, status
from services.ingest_sms.bronze import status_of
from services.ingest_sms.gateway import Gateway
from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.intake import SERVICE, Intake, Taken
from services.ingest_sms.request import Refused
from services.ingest_sms.settings import IngestSmsSettings
from services.ingest_sms.signatures import Credentials, check_api_key
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
    app = create_app(title="Complaints by SMS", service=SERVICE, health=health, description=DESCRIPTION, version="1")
    waiting = _Limit(settings.ingest_sms_max_waiting)
    for name, gateway in settings.gateways().items():
        route = f"/v1/sms/{name}"
        intake = Intake(gateway, settings.credentials(name), ids, codec.encode, route)
        endpoint = _endpoint(intake, publisher, waiting)
        for method in gateway.methods:
            app.add_api_route(
                route,
                endpoint,
                methods=[method],
                response_model=None,
                summary=f"Messages of {name}",
                tags=["messages"],
                openapi_extra=_documented(gateway, method),
                operation_id=f"sms_{name}_{method.lower()}",
                responses=_RESPONSES,
            )
    key = read_secret(settings.status_key_file, "STATUS_KEY_FILE") if settings.status_key_file else None
    app.add_api_route(
        "/v1/status",
        _status_endpoint(key, settings.all_status_names(), publisher, waiting, ids, codec),
        methods=["POST"],
        response_model=None,
        summary="Progress of complaints, reported by a ticket system",
        tags=["status"],
        openapi_extra=_STATUS_BODY,
        responses=_RESPONSES,
    )
    return app


class _Limit:
    """Bounds how many requests wait for the broker at once: memory stays bounded when it slows down."""

    def __init__(self, most: int) -> None:
        self._left = most

    def __enter__(self) -> None:
        if self._left <= 0:
            raise Refusal(429, f"too many requests wait for the broker: retry in {RETRY_AFTER_SECONDS} s")
        self._left -= 1

    def __exit__(self, *_: object) -> None:
        self._left += 1


def _endpoint(intake: Intake, publisher: Publishes, waiting: _Limit) -> Callable[[Request], Awaitable[Response]]:
    answer = intake.gateway.answer
    tells_ids = intake.gateway is GATEWAYS["generic"]
    ignored = metrics().counter("records_ignored")
    dead = metrics().counter("dead_letters")

    async def endpoint(received: Request) -> Response:
        with waiting:
            try:
                taken = intake.take(await _request(received), _now())
            except Refused as refused:
                return _refused(refused)
            await publisher.publish([Publication(*record) for record in taken.records])
        for reason, count in taken.ignored.items():
            ignored.labels(SERVICE, reason).inc(count)
        for rejected in taken.rejected:
            dead.labels(SERVICE, rejected.reason).inc()
        body = _summary(taken) if tells_ids else answer.body
        return Response(body, answer.status, media_type=answer.media_type)

    return endpoint


def _status_endpoint(
    key: str | None, names: Mapping[str, str], publisher: Publishes, waiting: _Limit, ids: IdKey, codec: Codec
) -> Callable[[Request], Awaitable[Response]]:
    credentials = Credentials(key) if key else None

    async def endpoint(received: Request) -> Response:
        with waiting:
            try:
                given = await _request(received)
                if credentials is not None:
                    check_api_key(given, credentials.secret)
                records = _status_records(given, names, ids, codec)
            except Refused as refused:
                return _refused(refused)
            await publisher.publish(records)
        return Response(orjson.dumps({"status": "accepted", "accepted": len(records)}), media_type="application/json")

    return endpoint


def _status_records(given: request.Request, names: Mapping[str, str], ids: IdKey, codec: Codec) -> list[Publication]:
    document = fields.json_of(given.body)
    items: list[Any] = document if isinstance(document, list) else [document]
    records = []
    for item in items:
        update = status.status_update(item, _now())
        status_of(update["status"], names)
        key = update["complaint_id"] or complaint_id(ids, update["source"], update["source_id"])
        records.append(Publication("ingest.status", key.encode(), codec.encode("StatusUpdate", update)))
    if not records:
        raise Refused("missing_field", "the list is empty")
    return records


async def _request(received: Request) -> request.Request:
    scope = received.scope
    url = scope["path"]
    if scope["query_string"]:
        url = f"{url}?{scope['query_string'].decode('latin-1')}"
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return request.Request(scope["method"], url, headers, await received.body())


def _refused(refused: Refused) -> Response:
    body = orjson.dumps({"error": str(refused), "reason": refused.reason})
    return Response(body, refused.status, media_type="application/json")


def _summary(taken: Taken) -> bytes:
    answer: dict[str, Any] = {"status": "accepted", "accepted": len(taken.complaints), "complaints": taken.complaints}
    if taken.ignored:
        answer["ignored"] = taken.ignored
    if taken.rejected:
        answer["rejected"] = [{"index": r.index, "reason": r.reason, "error": r.detail} for r in taken.rejected]
    return orjson.dumps(answer)


def _now() -> int:
    return time.time_ns() // 1_000_000


_ERROR = {
    "content": {"application/json": {"example": {"error": "the field from is missing", "reason": "missing_field"}}}
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The broker has it"},
    400: {"description": "Malformed: not accepted, do not repeat it as it is", **_ERROR},
    401: {"description": "The signature or key is missing or wrong"},
    413: {"description": "Larger than 1 MB"},
    429: {"description": "Too many requests wait for the broker; see Retry-After"},
    503: {"description": "The broker cannot be reached; see Retry-After"},
}


def _documented(gateway: Gateway, method: str) -> dict[str, Any]:
    example = gateway.example
    if example is None:
        return {}
    if method == "GET":
        return {"parameters": _as_parameters(example.body)} if example.media_type == _FORM else {}
    shown = orjson.loads(example.body) if example.media_type == "application/json" else example.body
    return {
        "requestBody": {"content": {example.media_type: {"schema": _SCHEMAS[example.media_type], "example": shown}}}
    }


def _as_parameters(form: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "schema": {"type": "string"}, "example": value} for name, value in parse_qsl(form)
    ]


_FORM = "application/x-www-form-urlencoded"
_SCHEMAS: dict[str, dict[str, Any]] = {
    "application/json": {"type": "object"},
    _FORM: {"type": "string"},
}
_STATUS_BODY: dict[str, Any] = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {
                    "source": "sms:twilio",
                    "source_id": "SM00000000000000000000000000000001",
                    "status": "Resolved",
                    "at": "2026-03-02T15:00:00Z",
                    "note": "Cell restored, customer called",
                },
            }
        }
    }
}
