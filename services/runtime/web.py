"""The common base of HTTP services: JSON errors, size and time limits, health and metrics on the main port too."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.runtime import health as health_module
from services.runtime.errors import BrokerBusy, CodecError, PipelineError
from services.runtime.health import Health
from services.runtime.metrics import metrics
from services.runtime.settings import stop

MAX_BODY_BYTES: Final = 1_048_576
BODY_SECONDS: Final = 10.0
RETRY_AFTER_SECONDS: Final = 5

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refusal(Exception):
    """A request is refused: HTTP status and a reason that is safe to show."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def refusal(status: int, reason: str) -> JSONResponse:
    """The one form of all error answers: {"error": reason}; with Retry-After where a retry helps."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status in (429, 503) else None
    return JSONResponse({"error": reason}, status_code=status, headers=headers)


def create_app(*, title: str, service: str, health: Health, max_body: int = MAX_BODY_BYTES, **options: Any) -> FastAPI:
    """A FastAPI application with the common answers; add routes to it."""
    app = FastAPI(title=title, **options)

    @app.exception_handler(Refusal)
    async def refused(_: Request, error: Refusal) -> Response:
        return refusal(error.status, error.reason)

    @app.exception_handler(BrokerBusy)
    async def busy(_: Request, error: BrokerBusy) -> Response:
        return refusal(503, str(error))

    @app.exception_handler(CodecError)
    async def unreadable(_: Request, error: CodecError) -> Response:
        return refusal(413 if error.reason == "oversize" else 400, str(error))

    @app.exception_handler(PipelineError)
    async def failed(_: Request, error: PipelineError) -> Response:
        return refusal(500, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return refusal(400, f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> Response:
        answer = refusal(error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    for path in ("/health/startup", "/health/ready", "/health/live", "/metrics"):

        def probe(path: str = path) -> Response:
            found = health_module.answer(health, path)
            status, kind, body = found or (404, "application/json", b"{}")
            return Response(body, status, media_type=kind)

        app.add_api_route(path, probe, include_in_schema=False)

    app.add_middleware(Edge, service=service, max_body=max_body)
    return app


class Edge:
    """ASGI middleware: refuses bodies that are too large or come too slowly; counts and times every answer."""

    def __init__(self, app: Any, service: str, max_body: int) -> None:
        self._app = app
        self._max_body = max_body
        self._requests = metrics().counter("http_requests")
        self._seconds = metrics().histogram("http_request_seconds")
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        sent = False

        async def watch(message: MutableMapping[str, Any]) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status, sent = message["status"], True
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), watch)
        except Refusal as error:
            # raised while the body was read, outside the application's own handlers
            if not sent:
                await refusal(error.status, error.reason)(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            self._requests.labels(self._service, route, str(status)).inc()
            self._seconds.labels(self._service, route).observe(time.perf_counter() - started)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        total = 0
        deadline = time.monotonic() + BODY_SECONDS

        async def limited() -> MutableMapping[str, Any]:
            nonlocal total
            if declared.isdigit() and int(declared) > self._max_body:
                raise Refusal(413, f"the body is larger than {self._max_body} bytes")
            if total < 0:  # the body is complete: what follows is the wait for a disconnect
                return await receive()
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0.01)):
                    message = await receive()
            except TimeoutError:
                raise Refusal(408, f"the body did not arrive within {BODY_SECONDS:.0f} s") from None
            total += len(message.get("body", b""))
            if total > self._max_body:
                raise Refusal(413, f"the body is larger than {self._max_body} bytes")
            if not message.get("more_body", False):
                total = -1
            return message

        return limited


async def serve(app: FastAPI, host: str, port: int, setting: str, stopping: asyncio.Event) -> None:
    """Serve until `stopping` is set or SIGTERM comes, then finish what is under way.

    Install your own signal handlers before: uvicorn passes the signal on to them when it is done. A port in use ends
    the process with one clear line.
    """
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=10, server_header=False
    )
    server = uvicorn.Server(config)
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        stop(f"port {port} is in use: set {setting} to another")

    async def end() -> None:
        await stopping.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    try:
        await server.serve([listening])
    finally:
        ending.cancel()
