"""The HTTP interface as an ASGI application: ClickHouse's paths, parameters, headers and statuses."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deploy.local.clickhouse import answer as answers
from deploy.local.clickhouse import execute
from deploy.local.clickhouse.answer import Answer
from deploy.local.clickhouse.body import Body, read_form
from deploy.local.clickhouse.engine import Engine, Inserter
from deploy.local.clickhouse.errors import EngineError
from deploy.local.clickhouse.exchange import Exchange
from deploy.local.clickhouse.request import Request, parse
from deploy.local.clickhouse.session import Session, Sessions
from deploy.local.clickhouse.statement import Insert, insert_with_data, reads

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

THREADS = 24
HEAD = 64 * 1024
"""An INSERT's statement ends within this many bytes; more body than that is streamed into the engine."""
WHOLE = 8 * 1024 * 1024
"""A body up to this size is handed over in one piece."""
KILL_EVERY = 0.2


class Application:
    """Answers /ping, /replicas_status and queries on / for one engine."""

    def __init__(self, engine: Engine, password: str = "") -> None:
        self._engine = engine
        self._password = password
        self._sessions = Sessions(engine.connect)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="query")
        self._killers = ThreadPoolExecutor(1, thread_name_prefix="kill")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["path"] in ("/ping", "/replicas_status"):
            await _plain(send, 200, b"Ok.\n")
        elif scope["path"] not in ("/", "/query"):
            await _plain(send, 404, f"There is no handle {scope['path']}\n".encode())
        else:
            await self._query(scope, receive, send)

    async def _query(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = None
        try:
            request = parse(scope["method"], scope["query_string"], scope["headers"])
            exchange = Exchange(self._engine, request, send)
            request.authenticate(self._password)
            session = self._take_session(request)
            try:
                await self._run(exchange, session, receive)
            finally:
                self._give_back(request, session)
        except EngineError as error:
            await (exchange or Exchange(self._engine, None, send)).send(answers.failure(error, self._engine.version))

    def _take_session(self, request: Request) -> Session:
        timeout = request.session_timeout
        if request.session_id and timeout:
            return self._sessions.acquire(request.session_id, request.flag("session_check"))
        return Session(self._engine.connect())

    def _give_back(self, request: Request, session: Session) -> None:
        if request.session_id:
            self._sessions.release(request.session_id, request.session_timeout, request.flag("close_session"))
        else:
            session.connection.close()

    async def _run(self, exchange: Exchange, session: Session, receive: Receive) -> None:
        request = exchange.request
        body = Body(receive, request)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            await read_form(request, body)
        text = request.query + b"\n" if request.query else b""
        text += await body.read(HEAD)
        statement = insert_with_data(text)
        if statement is None:
            text += await body.read()
            await self._answer(exchange, session, receive, text)
        else:
            text += await body.read(WHOLE - len(text))
            if body.ended or statement.selects or statement.format.lower() == "values":
                text += await body.read()
                done = await self._thread(execute.insert, session, request, statement, text)
            else:
                done = await self._insert(session, request, statement, text, body)
            await exchange.send(done)

    async def _insert(self, session: Session, request: Request, statement: Insert, text: bytes, body: Body) -> Answer:
        """Feed a large INSERT while it arrives. What a client broke off is not committed."""
        done = Answer(format=request.default_format)
        data = text[statement.data_start :]
        inserter: Inserter = await self._thread(execute.begin_insert, session, request, statement, data)
        finished = False
        try:
            while chunk := await body.read(WHOLE):
                await self._thread(inserter.append, chunk)
            finished = True
        except EngineError:
            await body.drain()
            raise
        finally:
            if not finished:
                await self._thread(inserter.cancel)
        await self._thread(inserter.finish, done.stats)
        return done

    async def _answer(self, exchange: Exchange, session: Session, receive: Receive, text: bytes) -> None:
        """Run a statement while watching the client: the query of one that went away is killed."""
        gone = asyncio.create_task(_disconnected(receive))
        try:
            running = asyncio.ensure_future(self._thread(execute.run, session, exchange.request, text))
            await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
            while not running.done() and reads(text):
                await asyncio.get_running_loop().run_in_executor(
                    self._killers, self._engine.kill, session.connection.tag
                )
                await asyncio.wait({running}, timeout=KILL_EVERY)
            done = await running
            if done.blocks is None:
                await exchange.send(done)
            else:
                await exchange.stream(done, gone, self._thread)
        finally:
            gone.cancel()

    async def _thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _plain(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=UTF-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
