"""Just enough SQL lexing to tell an INSERT's statement from the data behind it, and which format a query asks for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"(?P<space>\s+|--[^\n]*|/\*.*?\*/)"
    rb"|(?P<string>'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\")"
    rb"|(?P<word>[A-Za-z_]\w*)|(?P<number>\d\w*)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<other>.)",
    re.DOTALL,
)
_INPUT = re.compile(rb"\binput\s*\(\s*'((?:[^'\\]|\\.)*)'\s*\)", re.IGNORECASE)
_READS = frozenset({b"SELECT", b"WITH", b"FROM"})


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT whose data follows the statement.

    `target` is the statement without its FORMAT clause; the data starts at byte `data_start` of the text, in `format`.
    """

    target: bytes
    format: str
    data_start: int
    selects: bool = False
    """The data is read by input() inside a SELECT."""


def first_word(sql: bytes) -> bytes:
    """First keyword of a statement, in capitals; comments and opening brackets are skipped."""
    for _, kind, token in _tokens(sql):
        if kind == "word":
            return token.upper()
        if kind not in ("space", "open"):
            break
    return b""


def reads(sql: bytes) -> bool:
    """Whether the statement is a SELECT, whose result may be sent block by block."""
    return first_word(sql) in _READS


def insert_with_data(sql: bytes) -> Insert | None:
    r"""Split an INSERT from its data; None for every other statement, INSERT ... SELECT and FROM INFILE included.

    >>> insert_with_data(b"INSERT INTO t (a) FORMAT CSV\n1\n")
    Insert(target=b'INSERT INTO t (a) ', format='CSV', data_start=29, selects=False)
    >>> insert_with_data(b"INSERT INTO t VALUES (1)").format
    'Values'
    >>> insert_with_data(b"INSERT INTO t SELECT 1") is None
    True
    """
    if first_word(sql) != b"INSERT":
        return None
    depth = names = 0
    selects = False
    before = b""
    tokens = _tokens(sql)
    for start, kind, token in tokens:
        depth += (kind == "open") - (kind == "close")
        dotted, before = before == b".", token if kind != "space" else before
        names += kind in ("word", "string")
        if kind != "word" or depth or dotted or names <= 3:  # INSERT INTO name come first, whatever the name
            continue
        keyword = token.upper()
        if keyword == b"VALUES" and not selects:
            return Insert(sql[:start], "Values", start + len(token))
        if keyword in _READS:
            selects = True
        if keyword == b"FORMAT":
            name = _next_word(tokens)
            if name is None:
                return None
            end, text = name
            if selects and not _INPUT.search(sql, 0, start):
                return None
            return Insert(sql[:start], text, _skip_line(sql, end), selects)
    return None


def from_file(target: bytes, path: bytes) -> bytes:
    r"""An INSERT's target with its data read from a file (path already quoted); a SETTINGS clause stays behind it.

    >>> from_file(b"INSERT INTO t (a) SETTINGS async_insert = 0 ", b"'/f'")
    b"INSERT INTO t (a) FROM INFILE '/f' SETTINGS async_insert = 0 "
    """
    depth = words = 0
    for start, kind, token in _tokens(target):
        depth += (kind == "open") - (kind == "close")
        words += kind in ("word", "string")
        if kind == "word" and not depth and words > 3 and token.upper() == b"SETTINGS":
            return target[:start] + b"FROM INFILE " + path + b" " + target[start:]
    return target.rstrip() + b" FROM INFILE " + path


def output_format(sql: bytes) -> str | None:
    """The format that a query's own FORMAT clause names.

    >>> output_format(b"SELECT 'FORMAT X' FORMAT JSON SETTINGS max_threads = 1;")
    'JSON'
    """
    depth = 0
    found = None
    tokens = _tokens(sql)
    for _, kind, token in tokens:
        depth += (kind == "open") - (kind == "close")
        if kind == "word" and depth == 0 and token.upper() == b"FORMAT":
            name = _next_word(tokens)
            found = name[1] if name else found
    return found


def without_format(sql: bytes) -> bytes:
    """A query without its own FORMAT clause and what follows it.

    >>> without_format(b"SELECT 1 FORMAT Native")
    b'SELECT 1 '
    """
    depth = 0
    tokens = _tokens(sql)
    for start, kind, token in tokens:
        depth += (kind == "open") - (kind == "close")
        if depth == 0 and (token == b";" or (kind == "word" and token.upper() == b"FORMAT" and _next_word(tokens))):
            return sql[:start]
    return sql


def replace_input(sql: bytes, table: str) -> tuple[bytes, str]:
    """The statement with input('structure') replaced by a table, and that structure."""
    found = _INPUT.search(sql)
    if found is None:
        raise ValueError("no input() in the statement")
    structure = found[1].decode().replace("\\'", "'")
    return sql[: found.start()] + table.encode() + sql[found.end() :], structure


def _tokens(sql: bytes) -> Iterator[tuple[int, str, bytes]]:
    for match in _TOKEN.finditer(sql):
        yield match.start(), str(match.lastgroup), match[0]


def _next_word(tokens: Iterator[tuple[int, str, bytes]]) -> tuple[int, str] | None:
    for start, kind, token in tokens:
        if kind == "word":
            return start + len(token), token.decode()
        if kind != "space":
            return None
    return None


def _skip_line(sql: bytes, position: int) -> int:
    """Data starts behind spaces and one line end, as in ClickHouse's own parser."""
    while sql[position : position + 1] in (b" ", b"\t", b"\f"):
        position += 1
    if sql[position : position + 1] == b"\r":
        position += 1
    if sql[position : position + 1] == b"\n":
        position += 1
    return position
