"""Calls of a queue_log that wait for their end, from one run to the next. They hold callers' numbers: encrypted."""

import os

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.batch_loader.manifest.store import Manifest, ManifestError
from services.batch_loader.manifest.tables import CALLS
from services.domain.identity import IdKey

_NONCE = 12


class WaitingCalls:
    """The waiting calls of one source, sealed with a key made of the id key."""

    def __init__(self, manifest: Manifest, source_id: int, ids: IdKey) -> None:
        self._manifest = manifest
        self._source_id = source_id
        self._ids = ids
        halves = [bytes.fromhex(ids.uuid("seal", "waiting calls", part).replace("-", "")) for part in ("1", "2")]
        self._cipher = AESGCM(b"".join(halves))

    def all(self) -> list[bytes]:
        """Their states. ManifestError when they were sealed with another id key."""
        query = sa.select(CALLS.c.sealed).where(CALLS.c.source_id == self._source_id)
        with self._manifest.engine.connect() as connection:
            sealed = list(connection.execute(query).scalars())
        try:
            return [self._cipher.decrypt(data[:_NONCE], data[_NONCE:], None) for data in sealed]
        except InvalidTag as error:
            raise ManifestError("ID_KEY_FILE: the manifest was written with another id key") from error

    def keep(self, connection: sa.Connection, changes: dict[str, bytes | None]) -> None:
        """Write changed calls, by call id, and remove those that ended (None), within the caller's transaction."""
        if not changes:
            return
        keys = {self._key(call_id): state for call_id, state in changes.items()}
        for key in keys:
            where = sa.and_(CALLS.c.source_id == self._source_id, CALLS.c.key == key)
            connection.execute(CALLS.delete().where(where))
        values = [
            {"source_id": self._source_id, "key": key, "sealed": self._seal(state)}
            for key, state in keys.items()
            if state is not None
        ]
        if values:
            connection.execute(CALLS.insert(), values)

    def _key(self, call_id: str) -> int:
        return int(self._ids.uuid("call", str(self._source_id), call_id)[-12:], 16)

    def _seal(self, state: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, state, None)
