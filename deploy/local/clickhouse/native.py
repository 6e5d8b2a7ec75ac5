"""Native blocks as clients of a later protocol revision expect them.

The engine writes Native for revision 0. clickhouse-go (Grafana's plugin) asks for client_protocol_version 54460 or so,
where each block begins with its info, each column says that its serialization is the usual one, and DateTime keeps its
time zone. Types that only a later revision can carry are refused with a hint.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from deploy.local.clickhouse.errors import refusal

CUSTOM_SERIALIZATION = 54454
"""From this revision on every column carries a flag; below it, revision 0 is what is written."""
_BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
_PLAIN = b"\x00"

_WIDTHS = {
    **dict.fromkeys(("UInt8", "Int8", "Bool", "Enum8", "Nothing"), 1),
    **dict.fromkeys(("UInt16", "Int16", "Date", "Enum16", "BFloat16"), 2),
    **dict.fromkeys(("UInt32", "Int32", "Float32", "Date32", "DateTime", "IPv4", "Decimal32", "Time"), 4),
    **dict.fromkeys(("UInt64", "Int64", "Float64", "DateTime64", "Decimal64", "Time64"), 8),
    **dict.fromkeys(("UInt128", "Int128", "UUID", "IPv6", "Decimal128"), 16),
    **dict.fromkeys(("UInt256", "Int256", "Decimal256"), 32),
}
_ALIASES = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "MultiLineString": "Array(LineString)",
    "Polygon": "Array(Ring)",
    "MultiPolygon": "Array(Polygon)",
}
_NAMED = re.compile(r"(?:`(?:[^`\\]|\\.)*`|\w+)\s+(?=\w)")

Skip = Callable[[bytes, int, int], int]
"""(data, position, rows) -> position behind the column."""


def reframe(data: bytes, types: Callable[[], Sequence[str]]) -> bytes:
    """Native blocks of revision 0 as blocks of a revision from CUSTOM_SERIALIZATION on.

    `types` gives the columns' full types; it is asked only if a DateTime has lost its time zone.
    """
    out: list[bytes] = []
    position = 0
    while position < len(data):
        columns, position = _varint(data, position)
        rows, position = _varint(data, position)
        out += (_BLOCK_INFO, _encoded(columns), _encoded(rows))
        for number in range(columns):
            start = position
            length, position = _varint(data, position)
            position += length
            out.append(data[start:position])
            length, position = _varint(data, position)
            kind = data[position : position + length].decode()
            position += length
            end = skipper(kind)(data, position + _prefix(kind), rows) if rows else position
            shown = (types()[number] if kind == "DateTime" else kind).encode()
            out += (_encoded(len(shown)), shown, _PLAIN, data[position:end])
            position = end
    return b"".join(out)


def skipper(kind: str) -> Skip:
    """How to step over a column of a type.

    >>> skipper("Nullable(UInt32)")(bytes(10), 0, 2)
    10
    """
    name, _, inner = kind.partition("(")
    name = name.strip()
    inner = inner[:-1]
    if kind in _ALIASES:
        return skipper(_ALIASES[kind])
    if name == "String":
        return _strings
    if name in ("FixedString", "Decimal"):
        return _fixed(int(inner) if name == "FixedString" else _decimal_width(int(inner.partition(",")[0])))
    if name in _WIDTHS or name.startswith("Interval"):
        return _fixed(_WIDTHS.get(name, 8))
    arguments = list(_arguments(inner))
    if name == "LowCardinality":
        return _dictionary(
            skipper(inner.removeprefix("Nullable(").removesuffix(")") if "Nullable(" in inner else inner)
        )
    if name == "Nullable":
        return _in_turn([_fixed(1), skipper(inner)])
    if name == "SimpleAggregateFunction":
        return skipper(arguments[1])
    if name == "Tuple":
        return _in_turn([skipper(_unnamed(argument)) for argument in arguments])
    if name in ("Array", "Map", "Nested"):
        return _array(_in_turn([skipper(_unnamed(argument)) for argument in arguments]))
    text = f"Column type {name} is not supported over HTTP with client_protocol_version; cast it with toString()"
    raise refusal(48, "NOT_IMPLEMENTED", text)


def _fixed(width: int) -> Skip:
    return lambda _, position, rows: position + width * rows


def _decimal_width(precision: int) -> int:
    return next(width for width, most in ((4, 9), (8, 18), (16, 38), (32, 76)) if precision <= most)


def _strings(data: bytes, position: int, rows: int) -> int:
    for _ in range(rows):
        length = data[position]
        position += 1
        if length > 127:
            length, position = _varint(data, position - 1)
        position += length
    return position


def _in_turn(skips: Sequence[Skip]) -> Skip:
    def skip(data: bytes, position: int, rows: int) -> int:
        for each in skips:
            position = each(data, position, rows)
        return position

    return skip


def _array(element: Skip) -> Skip:
    def skip(data: bytes, position: int, rows: int) -> int:
        """Offsets of all rows, then the elements of all rows; the last offset counts them."""
        position += 8 * rows
        if not rows:
            return position
        return element(data, position, int.from_bytes(data[position - 8 : position], "little"))

    return skip


def _prefix(kind: str) -> int:
    """Bytes before a column's data: every dictionary in the type says its version first."""
    return 8 * kind.count("LowCardinality(")


def _dictionary(key: Skip) -> Skip:
    """Keys that are in use, then one index a row; nothing for no rows."""

    def skip(data: bytes, position: int, rows: int) -> int:
        if not rows:
            return position
        width = 1 << data[position]
        keys = int.from_bytes(data[position + 8 : position + 16], "little")
        return key(data, position + 16, keys) + 8 + width * rows

    return skip


def _arguments(text: str) -> Iterator[str]:
    """Top-level arguments of a type: commas inside brackets and quotes do not count."""
    depth = 0
    quote = ""
    start = position = 0
    while position < len(text):
        char = text[position]
        if quote:
            if char == "\\":
                position += 1
            elif char == quote:
                quote = ""
        elif char in "'`":
            quote = char
        elif char == "," and depth == 0:
            yield text[start:position].strip()
            start = position + 1
        else:
            depth += (char == "(") - (char == ")")
        position += 1
    if text[start:].strip():
        yield text[start:].strip()


def _unnamed(argument: str) -> str:
    """The type of a tuple's element, without its name.

    >>> _unnamed("`a b` Nullable(String)"), _unnamed("Decimal(9, 2)")
    ('Nullable(String)', 'Decimal(9, 2)')
    """
    named = _NAMED.match(argument)
    return argument[named.end() :] if named else argument


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7


def _encoded(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
