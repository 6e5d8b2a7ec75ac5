"""Routes that are looked up in a dictionary before the framework's own routing.

A gateway's request passes no dependency injection, no validation and no walk over the list of routes: that is half of
the time that one takes otherwise. They stand inside the common edge (body limit, metrics), and answer errors alike.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import orjson
from fastapi import FastAPI
from starlette.middleware import Middleware

from services.ingest_sms.request import Refused, Request
from services.runtime.errors import BrokerBusy, CodecError
from services.runtime.web import RETRY_AFTER_SECONDS, Receive, Refusal, Scope, Send

_JSON = "application/json"


class Reply(NamedTuple):
    """An answer."""

    status: int
    media_type: str
    body: bytes


class DirectRoute(Protocol):
    """One path."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it takes."""
        ...

    async def answer(self, request: Request) -> Reply:
        """The answer; or Refused, Refusal, BrokerBusy, CodecError."""
        ...


class _Named(NamedTuple):
    path: str


def add_direct_routes(app: FastAPI, routes: Mapping[str, DirectRoute]) -> None:
    """Serve exact paths by these routes. The innermost middleware, so that all others see the requests too."""
    app.user_middleware.append(Middleware(DirectRoutes, routes=dict(routes)))


class DirectRoutes:
    """ASGI middleware: answers its paths, hands all others on."""

    def __init__(self, app: Any, routes: Mapping[str, DirectRoute]) -> None:
        self._app = app
        self._routes = {path: (route, _Named(path)) for path, route in routes.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        found = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        route, scope["route"] = found
        method = scope["method"]
        extra: tuple[tuple[bytes, bytes], ...] = ()
        if method in route.methods:
            reply = await _answer(route, scope, receive)
            if reply.status in (429, 503):
                extra = ((b"retry-after", str(RETRY_AFTER_SECONDS).encode()),)
        else:
            reply = _error(405, f"the method is not one of {', '.join(route.methods)}")
            extra = ((b"allow", ", ".join(route.methods).encode()),)
        await send({"type": "http.response.start", "status": reply.status, "headers": [*_headers(reply), *extra]})
        await send({"type": "http.response.body", "body": reply.body})


async def _answer(route: DirectRoute, scope: Scope, receive: Receive) -> Reply:
    try:
        return await route.answer(await _request(scope, receive))
    except Refused as refused:
        return _error(refused.status, str(refused), refused.reason)
    except Refusal as refusal:
        return _error(refusal.status, refusal.reason)
    except BrokerBusy as busy:
        return _error(503, str(busy))
    except CodecError as error:
        return _error(413 if error.reason == "oversize" else 400, str(error), error.reason)


async def _request(scope: Scope, receive: Receive) -> Request:
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    url = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    if scope["query_string"]:
        url = f"{url}?{scope['query_string'].decode('latin-1')}"
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], url, headers, body)


def _error(status: int, text: str, reason: str | None = None) -> Reply:
    return Reply(status, _JSON, orjson.dumps({"error": text, "reason": reason} if reason else {"error": text}))


def _headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    kind = reply.media_type if reply.media_type == _JSON else f"{reply.media_type}; charset=utf-8"
    return [(b"content-type", kind.encode()), (b"content-length", str(len(reply.body)).encode())]
