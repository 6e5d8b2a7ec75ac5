"""Where schema ids come from: a Confluent-compatible registry, or schemas/ids.json where there is none."""

import json
from functools import lru_cache
from typing import Any, Protocol

from cachetools import TTLCache
from confluent_kafka import KafkaException

import schemas
from services.runtime.errors import BrokerBusy

NOT_FOUND = (404,)


class Registry(Protocol):
    """Knows schemas by id and ids by record."""

    def id_of(self, record: str) -> int:
        """Id of the current schema of a record."""
        ...

    def schema(self, schema_id: int) -> dict[str, Any] | None:
        """The schema with an id, or None when nobody knows it. BrokerBusy when the registry cannot be asked now."""
        ...


class IdsFile:
    """schemas/ids.json: fixed ids, no server."""

    def id_of(self, record: str) -> int:
        """Id of the newest published version of a record."""
        return max(number for number, (name, _) in schemas.ids().items() if name == record)

    def schema(self, schema_id: int) -> dict[str, Any] | None:
        """The published schema with this id."""
        entry = schemas.ids().get(schema_id)
        return schemas.version(*entry) if entry else None


class ConfluentRegistry:
    """A registry over HTTP. Subjects are full record names (RecordNameStrategy): one history a record."""

    def __init__(self, url: str) -> None:
        # imported here: the client brings OAuth and JOSE along, half of a service start, and most run without it
        from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

        self._schema = Schema
        self._client = SchemaRegistryClient({"url": url, "timeout": 5})
        self._known: dict[int, dict[str, Any]] = {}
        # an id that is unknown now may be registered later; a flood of them must not ask the registry each time
        self._missing: TTLCache[int, bool] = TTLCache(maxsize=10_000, ttl=60)
        self._ids: dict[str, int] = {}

    def id_of(self, record: str) -> int:
        """Id under which the registry holds the current schema; it is registered when new."""
        if record not in self._ids:
            text = json.dumps(schemas.current(record))
            subject = f"{schemas.NAMESPACE}.{record}"
            self._ids[record] = self._asked(
                lambda: int(self._client.register_schema(subject, self._schema(text, "AVRO")))
            )
        return self._ids[record]

    def schema(self, schema_id: int) -> dict[str, Any] | None:
        """Asked once an id; what is known stays known while the registry is away."""
        if schema_id in self._known:
            return self._known[schema_id]
        if schema_id in self._missing:
            return None
        try:
            text = self._asked(lambda: str(self._client.get_schema(schema_id).schema_str))
        except LookupError:
            self._missing[schema_id] = True
            return None
        self._known[schema_id] = json.loads(text)
        return self._known[schema_id]

    @staticmethod
    def _asked(call: Any) -> Any:
        from confluent_kafka.schema_registry.error import SchemaRegistryError

        try:
            return call()
        except SchemaRegistryError as error:
            if error.http_status_code in NOT_FOUND:
                raise LookupError("no such schema") from error
            raise BrokerBusy(f"the schema registry answered {error.http_status_code}") from error
        except (OSError, KafkaException) as error:
            raise BrokerBusy("the schema registry does not answer: check SCHEMA_REGISTRY_URL") from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2"):
                raise BrokerBusy("the schema registry does not answer: check SCHEMA_REGISTRY_URL") from error
            raise


@lru_cache(maxsize=8)
def registry_at(url: str) -> Registry:
    """The registry at a URL; the ids file when the URL is empty."""
    return ConfluentRegistry(url) if url else IdsFile()
