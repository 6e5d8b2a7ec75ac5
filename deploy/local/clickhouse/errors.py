"""ClickHouse's exceptions and the HTTP status that its server gives them."""

import re

_CODE = re.compile(r"^Code: (\d+)\. ")

_BAD_REQUEST = frozenset(
    # Text, dates, numbers and other input that cannot be parsed; trees and types that do not fit; syntax.
    {6, 25, 26, 27, 36, 38, 41, 43, 44, 50, 51, 53, 62, 69, 72, 117, 130, 167, 168, 223, 338, 427, 455, 457, 467}
)
_NOT_FOUND = frozenset({16, 46, 47, 48, 50, 56, 60, 63, 73, 78, 81, 96, 115, 173, 336, 372, 723}) - {48}
_STATUS = {48: 501, 62: 400, 159: 408, 192: 403, 193: 403, 194: 401, 209: 503, 381: 411, 439: 503, 516: 403, 76: 503}
_STATUS |= {202: 503, 241: 500, 307: 413, 164: 500, 373: 500}


class EngineError(Exception):
    """The engine refused a statement. Its message is ClickHouse's own text; `code` is ClickHouse's number."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        found = _CODE.match(message)
        self.code = code if code is not None else int(found[1]) if found else 1001

    @property
    def status(self) -> int:
        """The HTTP status."""
        return http_status(self.code)


def refusal(code: int, name: str, text: str) -> EngineError:
    """An exception of the HTTP layer itself, in ClickHouse's wording."""
    return EngineError(f"Code: {code}. DB::Exception: {text} ({name})", code)


def http_status(code: int) -> int:
    """The HTTP status that ClickHouse's server answers for an exception code.

    >>> http_status(62), http_status(60), http_status(241)
    (400, 404, 500)
    """
    if code in _STATUS:
        return _STATUS[code]
    if code in _BAD_REQUEST:
        return 400
    return 404 if code in _NOT_FOUND else 500
