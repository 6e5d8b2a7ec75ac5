"""Sends the answer to one request: status, headers, and a body that may be compressed and come in blocks."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from deploy.local.clickhouse import answer as answers
from deploy.local.clickhouse import execute
from deploy.local.clickhouse.answer import Answer
from deploy.local.clickhouse.blocks import BlockEncoder
from deploy.local.clickhouse.compression import Encoder, encoder, negotiate
from deploy.local.clickhouse.engine import Engine
from deploy.local.clickhouse.errors import EngineError, refusal
from deploy.local.clickhouse.request import Request

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Thread = Callable[..., Awaitable[Any]]


class Exchange:
    """One request and the way back to its client."""

    def __init__(self, engine: Engine, request: Request | None, send: Send) -> None:
        self._engine = engine
        self._request = request
        self._send = send

    @property
    def request(self) -> Request:
        """The request, once its line was understood."""
        if self._request is None:
            raise refusal(408, "BAD_REQUEST_PARAMETER", "The request could not be read")
        return self._request

    async def send(self, answer: Answer) -> None:
        """Send an answer that is whole."""
        packing = self._packing(answer)
        body = packing.compress(answer.body) + packing.flush()
        headers = [*self._headers(answer, packing), (b"content-length", str(len(body)).encode())]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def stream(self, answer: Answer, gone: "asyncio.Task[None]", thread: Thread) -> None:
        """Send an answer block by block, made in `thread` while it is sent; stop when the client is gone."""
        packing = self._packing(answer)
        headers = self._headers(answer, packing)
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self._part(packing.compress(answer.body))
        async for block in self._rest(answer, gone, thread):
            await self._part(packing.compress(block))
        await self._send({"type": "http.response.body", "body": packing.flush()})

    async def _part(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _rest(self, answer: Answer, gone: "asyncio.Task[None]", thread: Thread) -> AsyncIterator[bytes]:
        blocks: Any = answer.blocks
        try:
            while not gone.done():
                block = await thread(execute.next_block, blocks)
                if block is None:
                    return
                yield block
        except EngineError as error:
            yield answers.exception_block(error, self._engine.version, answer.tag)
        finally:
            await thread(blocks.close)

    def _packing(self, answer: Answer) -> "_Packing":
        if self._request is None or not (answer.body or answer.blocks):
            return _Packing(None, [])
        encoding = negotiate(self._request.accept_encoding)
        encoders: list[Encoder] = [encoder(encoding)] if encoding else []
        if self._request.flag("compress") and not answer.exception_code:
            encoders.insert(0, BlockEncoder())
        return _Packing(encoding, encoders)

    def _headers(self, answer: Answer, packing: "_Packing") -> list[tuple[bytes, bytes]]:
        shown = "text/plain; charset=UTF-8" if answer.exception_code else answers.content_type(answer.format)
        named = {
            "content-type": shown,
            "x-clickhouse-summary": answers.summary(answer.stats),
            "x-clickhouse-server-display-name": socket.gethostname(),
            "x-clickhouse-timezone": self._engine.timezone,
        }
        if self._request is not None:
            named["x-clickhouse-query-id"] = self._request.query_id
        if answer.format:
            named["x-clickhouse-format"] = answer.format
        if answer.exception_code:
            named["x-clickhouse-exception-code"] = str(answer.exception_code)
        if answer.tag:
            named["x-clickhouse-exception-tag"] = answer.tag
        if packing.encoding:
            named["content-encoding"] = packing.encoding
        return [(name.encode(), value.encode("latin-1", "replace")) for name, value in named.items()]


class _Packing:
    """Encoders one after another."""

    def __init__(self, encoding: str | None, encoders: list[Encoder]) -> None:
        self.encoding = encoding
        self._encoders = encoders

    def compress(self, data: bytes) -> bytes:
        for each in self._encoders:
            data = each.compress(data)
        return data

    def flush(self) -> bytes:
        data = b""
        for each in self._encoders:
            data = (each.compress(data) if data else b"") + each.flush()
        return data
