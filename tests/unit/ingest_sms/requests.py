"""Builds the requests that gateways send."""

import json
from typing import Any
from urllib.parse import urlencode

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Parsed, Refused, Request

NOW = 1_772_431_485_000  # 2026-03-02T06:04:45Z


def form(fields: dict[str, Any] | str | bytes, url: str = "/v1/sms/x", **headers: str) -> Request:
    """A POST of a urlencoded form."""
    body = urlencode(fields) if isinstance(fields, dict) else fields
    raw = body.encode() if isinstance(body, str) else body
    return Request.of("POST", url, {"Content-Type": "application/x-www-form-urlencoded", **_names(headers)}, raw)


def json_request(document: Any, url: str = "/v1/sms/x", **headers: str) -> Request:
    """A POST of a JSON document, or of bytes that claim to be one."""
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Request.of("POST", url, {"Content-Type": "application/json", **_names(headers)}, raw)


def get(query: dict[str, Any] | str, **headers: str) -> Request:
    """A GET with a query."""
    text = urlencode(query) if isinstance(query, dict) else query
    return Request.of("GET", f"/v1/sms/x?{text}", _names(headers), b"")


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def parse(gateway: str, request: Request) -> Parsed:
    """What the gateway reads from the request."""
    return GATEWAYS[gateway].parse(request, NOW)


def only(gateway: str, request: Request) -> dict[str, Any]:
    """The one message of the request."""
    parsed = parse(gateway, request)
    assert parsed.ignored == {}
    assert parsed.rejected == []
    assert len(parsed.messages) == 1
    return parsed.messages[0]


def refusal(gateway: str, request: Request) -> tuple[str, int]:
    """Reason and status of the refusal."""
    try:
        GATEWAYS[gateway].parse(request, NOW)
    except Refused as refused:
        return refused.reason, refused.status
    raise AssertionError("the request was accepted")
