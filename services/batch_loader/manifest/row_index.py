"""Which rows of a source were loaded, with which content and revision: found by key, at file-loading speed.

Keys are random, so writing each into a B-tree as it comes costs a page a row: 19 us measured at two million rows, most
of the time a row may take. Rows therefore go to a journal first, one blob a chunk, and into the table in sorted bulk:
then a page takes many rows at once. What is in the journal is also held in memory, 29 bytes a row.

A chunk enters the journal before it is sent and is made sure after it was acknowledged. So a run that comes after one
that broke off knows which revision of which content may be with the broker already, and neither gives the same content
a second number nor other content the same number.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects import postgresql, sqlite

from services.batch_loader.manifest.tables import JOURNAL, ROWS

MERGE_AT = 500_000
_SLICE = 10_000
_STORED = np.dtype([("key", "<i8"), ("content", "<i8"), ("revision_no", "<i4"), ("revised_at", "<i8")])
_HELD = np.dtype([*_STORED.descr, ("sure", "?")])


class RowState(NamedTuple):
    """What the manifest knows of a row."""

    content: int
    revision_no: int
    revised_at: int
    sure: bool = True
    """Whether the broker has acknowledged it. What is not sure was sent, or nearly, by a run that broke off."""


Entry = tuple[int, int, int, int]
"""key, content, revision_no, revised_at."""


class RowIndex:
    """The rows of one source. One writer a source at a time: leases see to it."""

    def __init__(self, engine: sa.Engine, source_id: int) -> None:
        self._engine = engine
        self.source_id = source_id
        self._runs: list[NDArray[Any]] = []
        """Journal entries, newest run last; each run sorted by key, with each key once."""
        self._restore()

    def known(self, keys: Sequence[int]) -> dict[int, RowState]:
        """State of those keys that were sent before."""
        found: dict[int, RowState] = {}
        if keys:
            with self._engine.connect() as connection:
                for key, *state in connection.execute(_lookup(connection, keys)):
                    found[key] = RowState(*state)
        wanted = np.asarray(keys, dtype=np.int64)
        for run in self._runs:
            at = np.searchsorted(run["key"], wanted)
            at[at == len(run)] = 0
            for entry in run[at[run["key"][at] == wanted]].tolist():
                found[entry[0]] = RowState(*entry[1:])
        return found

    def intend(self, entries: Sequence[Entry]) -> int | None:
        """Write down what is about to be sent; the journal's id of it, None for nothing."""
        if not entries:
            return None
        packed = np.array(entries, dtype=_STORED)
        values = {"source_id": self.source_id, "sure": False, "entries": packed.tobytes()}
        with self._engine.begin() as connection:
            return int(connection.execute(JOURNAL.insert().returning(JOURNAL.c.id), values).scalar_one())

    def make_sure(self, connection: sa.Connection, journal_id: int | None) -> None:
        """Mark entries as acknowledged within the caller's transaction; call `hold` once that is committed."""
        if journal_id is not None:
            connection.execute(JOURNAL.update().where(JOURNAL.c.id == journal_id).values(sure=True))

    def hold(self, entries: Sequence[Entry]) -> None:
        """Hold acknowledged entries in memory; moves the journal into the table when it has grown."""
        if not entries:
            return
        self._runs.append(_sorted(_held(np.array(entries, dtype=_STORED), True)))
        while len(self._runs) > 1 and len(self._runs[-1]) * 2 > len(self._runs[-2]):
            newer, older = self._runs.pop(), self._runs.pop()
            self._runs.append(_sorted(np.concatenate([older, newer])))

    @property
    def full(self) -> bool:
        """Whether it is time to merge: between chunks, with none under way."""
        return sum(map(len, self._runs)) >= MERGE_AT

    def merge(self) -> None:
        """Move the journal into the table. Nothing of the source may be under way."""
        if not self._runs:
            return
        entries = _sorted(np.concatenate(self._runs))
        names = _HELD.names or ()
        for start in range(0, len(entries), _SLICE):  # small transactions keep the write-ahead log small
            with self._engine.begin() as connection:
                part = [dict(zip(names, entry, strict=True)) for entry in entries[start : start + _SLICE].tolist()]
                connection.execute(_upsert(connection), part)
        with self._engine.begin() as connection:
            connection.execute(JOURNAL.delete().where(JOURNAL.c.source_id == self.source_id))
        self._runs = []

    def _restore(self) -> None:
        columns = (JOURNAL.c.entries, JOURNAL.c.sure)
        query = sa.select(*columns).where(JOURNAL.c.source_id == self.source_id).order_by(JOURNAL.c.id)
        with self._engine.connect() as connection:
            held = [_held(np.frombuffer(blob, dtype=_STORED), sure) for blob, sure in connection.execute(query)]
        if held:
            self._runs = [_sorted(np.concatenate(held))]


def _held(stored: NDArray[Any], sure: bool) -> NDArray[Any]:
    held = np.empty(len(stored), dtype=_HELD)
    for name in _STORED.names or ():
        held[name] = stored[name]
    held["sure"] = sure
    return held


def _sorted(entries: NDArray[Any]) -> NDArray[Any]:
    """By key; of several entries of a key the last one stays."""
    order = np.argsort(entries["key"], kind="stable")
    ordered = entries[order]
    last = np.ones(len(ordered), dtype=bool)
    last[:-1] = ordered["key"][1:] != ordered["key"][:-1]
    kept: NDArray[Any] = ordered[last]
    return kept


def _lookup(connection: sa.Connection, keys: Sequence[int]) -> sa.Select[Any]:
    columns = (ROWS.c.key, ROWS.c.content, ROWS.c.revision_no, ROWS.c.revised_at, ROWS.c.sure)
    if connection.dialect.name == "sqlite":
        wanted = sa.func.json_each(str(list(keys))).table_valued("value")
        return sa.select(*columns).join_from(wanted, ROWS, ROWS.c.key == wanted.c.value)
    array = sa.bindparam("keys", list(keys), type_=postgresql.ARRAY(sa.BigInteger))
    return sa.select(*columns).where(ROWS.c.key == sa.any_(array))


def _upsert(connection: sa.Connection) -> sa.Insert:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(ROWS)
    changed = {name: statement.excluded[name] for name in ("content", "revision_no", "revised_at", "sure")}
    return statement.on_conflict_do_update(index_elements=[ROWS.c.key], set_=changed)
