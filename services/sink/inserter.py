"""Inserts Avro files under a token, and knows the columns of the tables."""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from services.sink.settings import SinkSettings
from services.sink.warehouse import WarehouseAway, connect, translated

SETTINGS: Final[dict[str, Any]] = {
    # the sink batches by itself, and a token is for one insert
    "async_insert": 0,
    "insert_deduplicate": 1,
    # a view behind the table takes the same token: a retry fills what a crash left out, and doubles nothing
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    # null for a column that is not nullable is the column's default
    "input_format_null_as_default": 1,
    # a replay of old records spans many months, each a partition
    "max_partitions_per_insert_block": 10_000,
}


class Inserter:
    """One connection, made when first needed and again after trouble. For one thread."""

    def __init__(self, settings: SinkSettings) -> None:
        self._settings = settings
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The connection. WarehouseAway when it cannot be made."""
        if self._client is None:
            self._client = connect(self._settings)
        return self._client

    def insert(self, table: str, columns: Sequence[str], data: bytes, token: str) -> None:
        """Insert an Avro file: all its rows or, under a token that was seen before, none.

        RowRejected when a row is refused; WarehouseAway for anything that may pass.
        """
        try:
            with translated(f"insert into {table}"):
                self.client.raw_insert(
                    table, columns, data, settings={**SETTINGS, "insert_deduplication_token": token}, fmt="Avro"
                )
        except WarehouseAway:
            self.close()
            raise

    def columns(self, table: str) -> frozenset[str]:
        """Names of a table's columns. WarehouseAway when there is no such table yet."""
        with translated(f"the columns of {table}"):
            rows = self.client.query(
                "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}",
                parameters={"table": table},
            ).result_rows
        if not rows:
            self.close()
            raise WarehouseAway(f"table {table} is not there yet: run python -m services.sink migrate")
        return frozenset(str(row[0]) for row in rows)

    def close(self) -> None:
        """Give the connection up."""
        client, self._client = self._client, None
        if client is not None:
            client.close()
