"""Native blocks are re-framed without touching their data."""

import doctest
from pathlib import Path

import pytest

from deploy.local.clickhouse import native
from deploy.local.clickhouse.config import write_config
from deploy.local.clickhouse.engine import Engine
from deploy.local.clickhouse.errors import EngineError

INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"


def test_the_examples_hold() -> None:
    assert doctest.testmod(native).failed == 0


def _no_types() -> list[str]:
    raise AssertionError("not asked for")


def test_every_block_and_column_is_marked() -> None:
    block = b"\x02\x02" + b"\x01a\x05UInt8" + b"\x07\x08" + b"\x01s\x06String" + b"\x01x\x02yz"
    marked = INFO + b"\x02\x02" + b"\x01a\x05UInt8\x00" + b"\x07\x08" + b"\x01s\x06String\x00" + b"\x01x\x02yz"
    assert native.reframe(block * 3, _no_types) == marked * 3
    assert native.reframe(b"", _no_types) == b""


def test_a_datetime_gets_its_time_zone_back() -> None:
    block = b"\x01\x01\x01a\x08DateTime" + bytes(4)
    shown = native.reframe(block, lambda: ["DateTime('Africa/Lagos')"])
    assert shown == INFO + b"\x01\x01\x01a\x18DateTime('Africa/Lagos')\x00" + bytes(4)


def test_a_type_of_its_own_serialization_is_refused() -> None:
    with pytest.raises(EngineError, match="JSON is not supported") as refused:
        native.reframe(b"\x01\x01\x01a\x04JSON\x00", _no_types)
    assert refused.value.status == 501


TYPES = """
    toInt8(-1), 2::UInt16, 3::Int32, 4::Float64, 5::UInt128, 6::Int256, true, 'x', repeat('y', 300),
    toFixedString('z', 5), toDate('2026-01-01'), toDate32('2026-01-01'), now64(3, 'UTC'), toDecimal32(1, 2),
    toDecimal64(1, 2), toDecimal128(1, 2), toDecimal256(1, 2), generateUUIDv4(), toIPv4('1.2.3.4'), toIPv6('::1'),
    NULL, toNullable('a'), CAST(NULL, 'Nullable(Int64)'), CAST('a', 'Enum8(\\'a\\' = 1, \\'b, (c\\' = 2)'),
    toLowCardinality(toString(number)), CAST('a', 'LowCardinality(Nullable(String))'),
    CAST([toString(number)], 'Array(LowCardinality(Nullable(String)))'), CAST([], 'Array(LowCardinality(String))'),
    CAST(map('k', 'v'), 'Map(LowCardinality(String), LowCardinality(String))'),
    [1, 2, 3], CAST([], 'Array(String)'), [['a'], [], ['b', 'c']], map('k', 1, 'l', 2), (1, 'a', [NULL, 3]),
    CAST((1, 'a'), 'Tuple(a UInt8, `b c` Nullable(String))'), (1., 2.)::Point, [[(0, 0), (1, 1)]]::Polygon,
    toIntervalDay(1), CAST([(1, 'a')], 'Nested(n UInt8, s String)')
"""


def test_every_type_of_the_engine_is_stepped_over_to_its_end(tmp_path: Path) -> None:
    config = write_config(tmp_path, 512, 2)
    with Engine(tmp_path / "store", config) as engine:
        data = engine.connect().query(f"SELECT {TYPES} FROM numbers(300)", "Native")
    # a width that is wrong would leave the position inside the data, where no column starts
    marked = native.reframe(data, _no_types)
    columns = data[0]
    assert len(marked) == len(data) + len(INFO) + columns
