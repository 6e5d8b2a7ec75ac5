"""The one Avro codec: Confluent wire format (byte 0, four-byte schema id, body), fastavro inside.

Times are plain ints (ms since epoch, UTC) on both sides: the codec reads and writes without logical types, which costs
a third less and keeps naive datetimes out.
"""

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import fastavro

import schemas
from services.runtime.errors import CodecError
from services.runtime.registry import Registry, registry_at
from services.runtime.settings import ServiceSettings

MAGIC = 0
HEADER_BYTES = 5
_HEADER = struct.Struct(">bI")


@dataclass(frozen=True, slots=True)
class _Writer:
    header: bytes
    schema: Any


class Codec:
    """Encodes and decodes records by name. One instance a process; not to be shared between threads while warming up.

    >>> codec = Codec()
    >>> data = codec.encode("Erasure", {"erasure_id": "e", "keys": ["k1_a"], "requested_at": 1})
    >>> data[:1], codec.decode("Erasure", data)["keys"]
    (b'\\x00', ['k1_a'])
    """

    def __init__(self, registry: Registry | str = "") -> None:
        self._registry = registry_at(registry) if isinstance(registry, str) else registry
        self._writers: dict[str, _Writer] = {}
        self._readers: dict[tuple[str, int], tuple[Any, Any]] = {}

    def encode(self, record: str, value: Mapping[str, Any]) -> bytes:
        """Bytes of a record. CodecError: bad_text for lone surrogates, bad_field for a missing or wrong field."""
        writer = self._writers.get(record) or self._writer(record)
        out = io.BytesIO()
        out.write(writer.header)
        try:
            fastavro.schemaless_writer(out, writer.schema, value)
        except UnicodeEncodeError as error:
            raise CodecError("bad_text", f"{record}: text that UTF-8 cannot hold") from error
        except Exception as error:
            # fastavro's messages quote the value: keep only which record it was
            raise CodecError("bad_field", f"{record}: a field is missing or of the wrong type") from error
        return out.getvalue()

    def decode(self, record: str, data: bytes | None) -> dict[str, Any]:
        """The record in `data`, whatever published version wrote it, as a dict of the current version.

        CodecError with reason null_record, unknown_schema, bad_text or malformed.
        """
        if data is None:
            raise CodecError("null_record", f"{record}: no value")
        if len(data) < HEADER_BYTES or data[0] != MAGIC:
            raise CodecError("malformed", f"{record}: not in the Confluent wire format")
        schema_id = int.from_bytes(data[1:HEADER_BYTES], "big")
        pair = self._readers.get((record, schema_id)) or self._reader(record, schema_id)
        stream = io.BytesIO(data)
        stream.seek(HEADER_BYTES)
        try:
            value: dict[str, Any] = fastavro.schemaless_reader(stream, pair[0], pair[1])
        except UnicodeDecodeError as error:
            raise CodecError("bad_text", f"{record}: text that is no UTF-8") from error
        except Exception as error:
            raise CodecError("malformed", f"{record}: the body does not fit schema {schema_id}") from error
        if stream.tell() != len(data):
            raise CodecError("malformed", f"{record}: bytes are left behind the body")
        return value

    def header(self, record: str) -> bytes:
        """The five bytes that this codec puts before the body of a record."""
        return (self._writers.get(record) or self._writer(record)).header

    def _writer(self, record: str) -> _Writer:
        header = _HEADER.pack(MAGIC, self._registry.id_of(record))
        writer = _Writer(header, fastavro.parse_schema(schemas.bare(schemas.current(record))))
        return self._writers.setdefault(record, writer)

    def _reader(self, record: str, schema_id: int) -> tuple[Any, Any]:
        written = self._registry.schema(schema_id)
        if written is None:
            raise CodecError("unknown_schema", f"{record}: no schema with id {schema_id}")
        if written.get("name") != record:
            raise CodecError("malformed", f"{record} was expected, schema {schema_id} is another record")
        now = schemas.bare(schemas.current(record))
        bare = schemas.bare(written)
        reader = None if bare == now else fastavro.parse_schema(now)
        return self._readers.setdefault((record, schema_id), (fastavro.parse_schema(bare), reader))


def codec_of(settings: ServiceSettings) -> Codec:
    """The codec that a service's settings ask for."""
    return Codec(settings.schema_registry_url)
