"""OpenAPI of the direct routes, with examples that work as they stand."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from fastapi import FastAPI

from services.ingest_sms.gateway import Gateway

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_ERROR: Final = {"content": {_JSON: {"example": {"error": "the field from is missing", "reason": "missing_field"}}}}
_RESPONSES: Final = {
    "200": {"description": "The broker has it"},
    "400": {"description": "Malformed: not accepted; do not repeat it as it is", **_ERROR},
    "401": {"description": "The signature or key is missing or wrong"},
    "413": {"description": "Larger than 1 MB"},
    "429": {"description": "Too many requests wait for the broker; see Retry-After"},
    "503": {"description": "The broker cannot be reached; see Retry-After"},
}
_STATUS_EXAMPLE: Final = {
    "source": "sms:twilio",
    "source_id": "SM00000000000000000000000000000001",
    "status": "Resolved",
    "at": "2026-03-02T15:00:00Z",
    "note": "Cell restored, customer called",
}


def add_paths(app: FastAPI, gateways: Mapping[str, Gateway]) -> None:
    """Add the paths of the gateways and of /v1/status to the application's OpenAPI document."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        for name, gateway in gateways.items():
            operations = {method.lower(): _operation(name, gateway, method) for method in gateway.methods}
            document["paths"][f"/v1/sms/{name}"] = operations
        document["paths"]["/v1/status"] = {"post": _status_operation()}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this way of extending it


def _operation(name: str, gateway: Gateway, method: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"sms_{name}_{method.lower()}",
        "summary": f"Messages of {name}",
        "tags": ["messages"],
        "responses": _RESPONSES,
    }
    example = gateway.example
    if example is None:
        return operation
    if method == "GET":
        pairs = parse_qsl(example.body) if example.media_type == _FORM else orjson.loads(example.body).items()
        operation["parameters"] = [
            {"name": field, "in": "query", "schema": {"type": "string"}, "example": value} for field, value in pairs
        ]
        return operation
    operation["requestBody"] = _body(example.media_type, example.body)
    return operation


def _body(media_type: str, text: str) -> dict[str, Any]:
    if media_type == _JSON:
        content = {"schema": {"type": "object"}, "example": orjson.loads(text)}
    else:
        content = {"schema": {"type": "string"}, "example": text}
    return {"content": {media_type: content}}


def _status_operation() -> dict[str, Any]:
    return {
        "operationId": "status",
        "summary": "Progress of complaints, reported by a ticket system",
        "tags": ["status"],
        "requestBody": {"content": {_JSON: {"schema": {"type": "object"}, "example": _STATUS_EXAMPLE}}},
        "responses": _RESPONSES,
    }
