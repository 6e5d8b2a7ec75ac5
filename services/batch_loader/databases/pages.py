"""Reads a table page by page by its key, so that neither memory nor the database's effort grows with the table."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from services.runtime.errors import PipelineError


class TableError(PipelineError):
    """A table that cannot be read as configured."""


class Pages:
    """The rows of a table in the order of (watermark, key), from a floor of the watermark on; then those without one.

    Without a key, rows come through a server-side cursor in one go.
    """

    def __init__(
        self,
        engine: sa.Engine,
        table: sa.Table,
        keys: Sequence[sa.Column[Any]],
        watermark: sa.Column[Any] | None,
        floor: Any,
        size: int,
    ) -> None:
        self._engine = engine
        self._table = table
        self._keys = list(keys)
        self._watermark = watermark
        self._floor = floor
        self._size = size

    def __iter__(self) -> Iterator[Sequence[sa.Row[Any]]]:
        """Pages of rows, each row in the order of the table's columns."""
        if not self._keys:
            yield from self._streamed()
            return
        if self._watermark is None:
            yield from self._by(self._keys, sa.true())
            return
        floor = sa.true() if self._floor is None else self._watermark >= self._floor
        yield from self._by([self._watermark, *self._keys], sa.and_(self._watermark.is_not(None), floor))
        yield from self._by(self._keys, self._watermark.is_(None))

    def _by(self, order: list[sa.Column[Any]], where: sa.ColumnElement[bool]) -> Iterator[Sequence[sa.Row[Any]]]:
        places = [list(self._table.columns).index(column) for column in order]
        after: list[Any] | None = None
        while True:
            query = sa.select(self._table).where(where).order_by(*order).limit(self._size)
            if after is not None:
                query = query.where(beyond(order, after))
            with self._engine.connect() as connection:
                rows = connection.execute(query).all()
            if rows:
                yield rows
            if len(rows) < self._size:
                return
            after = [rows[-1][place] for place in places]

    def _streamed(self) -> Iterator[Sequence[sa.Row[Any]]]:
        query = sa.select(self._table)
        if self._watermark is not None:
            if self._floor is not None:
                query = query.where(sa.or_(self._watermark >= self._floor, self._watermark.is_(None)))
            query = query.order_by(self._watermark)
        with self._engine.connect().execution_options(stream_results=True, yield_per=self._size) as connection:
            yield from connection.execute(query).partitions()


def beyond(order: Sequence[sa.Column[Any]], after: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Rows after the one whose columns of `order` have these values, in a form that every database takes an index for.

    >>> str(beyond([sa.column("w"), sa.column("k")], [1, 2]).compile(compile_kwargs={"literal_binds": True}))
    'w >= 1 AND (w > 1 OR k > 2)'
    """
    first, value = order[0], after[0]
    further: sa.ColumnElement[bool] = first > value
    if len(order) == 1:
        return further
    return sa.and_(first >= value, sa.or_(further, beyond(order[1:], after[1:])))
