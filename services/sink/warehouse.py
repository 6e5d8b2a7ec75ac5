"""The connection to ClickHouse, and what its errors mean for somebody who must neither lose nor repeat a row.

Messages of ClickHouse quote values of rows, so none of them is ever logged or raised further: only code and name are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from services.runtime.errors import PipelineError
from services.runtime.settings import read_secret
from services.sink.settings import SinkSettings

AVRO_EXCEPTION: Final = 1001
ROW_ERRORS: Final = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        25,  # CANNOT_PARSE_ESCAPE_SEQUENCE
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        32,  # ATTEMPT_TO_READ_AFTER_EOF
        33,  # CANNOT_READ_ALL_DATA
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        53,  # TYPE_MISMATCH
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        117,  # INCORRECT_DATA
        131,  # TOO_LARGE_STRING_SIZE
        190,  # SIZES_OF_ARRAYS_DONT_MATCH
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  # CANNOT_PARSE_UUID
        407,  # DECIMAL_OVERFLOW
        467,  # CANNOT_PARSE_BOOL
        469,  # VIOLATED_CONSTRAINT
    }
)
"""Codes that say that a row is bad. Anything else is the warehouse's own trouble: wait and try again."""


class WarehouseError(PipelineError):
    """ClickHouse refused or failed. `code` is ClickHouse's own, 0 when it did not answer."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class WarehouseAway(WarehouseError):
    """It does not answer, is overloaded or not ready: the same call may succeed later."""


class RowRejected(WarehouseError):
    """It refused the content of at least one row: the same call fails for ever."""


def connect(settings: SinkSettings, database: str | None = None) -> Client:
    """A client of the warehouse, for one thread; `database` other than the setting's for the first migration.

    WarehouseAway when it does not answer.
    """
    url = settings.clickhouse_url
    parts = urlsplit(url)
    chosen = settings.clickhouse_database if database is None else database
    options: dict[str, Any] = {"database": chosen, "show_clickhouse_errors": True}
    if parts.scheme.startswith("chdb"):
        # clickhouse-connect runs the embedded engine in this process: for tests and notebooks
        options["dsn"] = url
    else:
        password_file = settings.clickhouse_password_file
        options |= {
            "host": parts.hostname or "127.0.0.1",
            "port": parts.port or (8443 if parts.scheme == "https" else 8123),
            "secure": parts.scheme == "https",
            "username": parts.username or settings.clickhouse_user,
            "password": parts.password
            or (read_secret(password_file, "CLICKHOUSE_PASSWORD_FILE") if password_file else ""),
            "compress": "lz4",
            "connect_timeout": 5,
            "send_receive_timeout": settings.clickhouse_timeout_seconds,
            # sessions forbid two queries at once and nothing here needs one
            "autogenerate_session_id": False,
            # a second try is ours to make: it must carry the same token
            "query_retries": 0,
        }
    with translated(f"the warehouse at {parts.hostname or url}"):
        return clickhouse_connect.get_client(**options)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn ClickHouse's and the network's exceptions into WarehouseAway or RowRejected, without their messages."""
    try:
        yield
    except DatabaseError as error:
        code = getattr(error, "code", None) or 0
        if code in ROW_ERRORS or (code == AVRO_EXCEPTION and "avro::Exception" in str(error)):
            raise RowRejected(f"{what}: refused, code {code}", code) from None
        if not code:
            raise WarehouseAway(f"{what}: no answer; check CLICKHOUSE_URL") from None
        raise WarehouseAway(f"{what}: code {code} {getattr(error, 'name', '') or ''}".rstrip(), code) from None
    except (ClickHouseError, OSError) as error:
        raise WarehouseAway(f"{what}: no answer ({type(error).__name__}); check CLICKHOUSE_URL") from None
