"""ClickHouse's exceptions and the HTTP status that its server gives them."""

import re

_CODE = re.compile(r"^Code: (\d+)\. ")
_WRAPPED = re.compile(
    r"Code: (\d+)\. DB::Exception: (Code: \1\. DB::Exception: .*\))\. \([A-Z0-9_]+\)(?: \(version [^)]*\))?\s*",
    re.DOTALL,
)
"""The engine wraps some exceptions into others of the same code."""

_STATUS: dict[int, int] = {
    # REQUIRED_PASSWORD; unknown user, wrong password, ACCESS_DENIED, SET_NON_GRANTED_ROLE, AUTHENTICATION_FAILED
    194: 401,
    **dict.fromkeys((192, 193, 497, 512, 516), 403),
    # text, dates, numbers that cannot be parsed; arguments, columns and types that do not fit; syntax
    **dict.fromkeys((6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123), 400),
    **dict.fromkeys((167, 168, 223, 321, 376, 427, 441, 675, 676), 400),
    # unknown table, function, identifier, type, engine, format, database, setting, direction, kind of query, role
    **dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511), 404),
    48: 501,  # NOT_IMPLEMENTED
    159: 408,  # TIMEOUT_EXCEEDED
    229: 413,  # QUERY_IS_TOO_LARGE
    381: 411,  # HTTP_LENGTH_REQUIRED
    **dict.fromkeys((76, 209, 439), 503),  # CANNOT_OPEN_FILE, SOCKET_TIMEOUT, CANNOT_SCHEDULE_TASK
}
"""As in src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; every other code is 500."""


class EngineError(Exception):
    """The engine refused a statement. Its message is ClickHouse's own text; `code` is ClickHouse's number."""

    def __init__(self, message: str) -> None:
        while wrapped := _WRAPPED.fullmatch(message):
            message = wrapped[2]
        super().__init__(message)
        found = _CODE.match(message)
        self.code = int(found[1]) if found else 1002

    @property
    def status(self) -> int:
        """The HTTP status."""
        return http_status(self.code)


def refusal(code: int, name: str, text: str) -> EngineError:
    """An exception of the HTTP layer itself, in ClickHouse's wording."""
    return EngineError(f"Code: {code}. DB::Exception: {text} ({name})")


def http_status(code: int) -> int:
    """The HTTP status that ClickHouse's server answers for an exception code.

    >>> http_status(62), http_status(60), http_status(241)
    (400, 404, 500)
    """
    return _STATUS.get(code, 500)
