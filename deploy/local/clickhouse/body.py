"""Request bodies: read in chunks, decompressed on the way, and multipart forms."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from deploy.local.clickhouse.blocks import BlockDecoder
from deploy.local.clickhouse.compression import Decoder
from deploy.local.clickhouse.errors import EngineError, refusal
from deploy.local.clickhouse.request import Request, place

MAX_FIELD = 64 * 1024 * 1024


class ClientGone(EngineError):
    """The client closed the connection before its body was complete."""


class Body:
    """The body of one request, plain."""

    def __init__(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]], request: Request) -> None:
        self._receive = receive
        encoding = request.headers.get("content-encoding", "").strip().lower()
        self._decoders: list[Decoder | BlockDecoder] = [Decoder(encoding)] if encoding not in ("", "identity") else []
        if request.flag("decompress"):
            self._decoders.append(BlockDecoder())
        self.ended = False

    async def read(self, size: int | None = None) -> bytes:
        """At least `size` bytes, or all that is left; empty at the end. EngineError when the client broke off."""
        chunks: list[bytes] = []
        have = 0
        while not self.ended and (size is None or have < size):
            chunk = await self._next()
            chunks.append(chunk)
            have += len(chunk)
        return b"".join(chunks)

    async def drain(self) -> None:
        """Read the rest and forget it, so that the client comes to read the answer."""
        self._decoders = []
        while not self.ended:
            await self._next()

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.ended = True
            raise ClientGone("Code: 210. DB::Exception: The client closed the connection. (NETWORK_ERROR)")
        data = bytes(message.get("body", b""))
        self.ended = not message.get("more_body", False)
        for decoder in self._decoders:
            data = decoder.feed(data)
            if self.ended:
                decoder.finish()
        return data


async def read_form(request: Request, body: Body) -> None:
    """Take query, bound parameters and external tables out of a multipart form."""

    async def chunks() -> AsyncIterator[bytes]:
        while not body.ended:
            yield await body.read(1)

    headers = Headers({"content-type": request.headers["content-type"]})
    try:
        form = await MultiPartParser(headers, chunks(), max_part_size=MAX_FIELD).parse()  # type: ignore[arg-type]
    except MultiPartException as error:
        raise refusal(36, "BAD_ARGUMENTS", f"The form cannot be read: {error.message}") from error
    options = dict(request.options)
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            request.external[name] = await value.read()
        else:
            place(request, options, name, value.encode("utf-8", "surrogateescape"))
    request.options = options
    for table in request.external:
        for part in ("structure", "types", "format"):
            if (given := request.settings.pop(f"{table}_{part}", None)) is not None:
                options[f"{table}_{part}"] = given
    await form.close()
