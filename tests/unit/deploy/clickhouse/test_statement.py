"""Statements are told from the data behind them."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.clickhouse import statement
from deploy.local.clickhouse.statement import first_word, insert_with_data, output_format, reads, without_format


def test_the_examples_hold() -> None:
    assert doctest.testmod(statement).failed == 0


@pytest.mark.parametrize(
    ("sql", "input_format", "data"),
    [
        (b"INSERT INTO t FORMAT CSV\n1\n", "CSV", b"1\n"),
        (b"insert into t format CSV\r\n1", "CSV", b"1"),
        (b"INSERT INTO t (a, `format`) FORMAT TSV 1\t2", "TSV", b"1\t2"),
        (b"INSERT INTO `FORMAT x` FORMAT CSV\n1", "CSV", b"1"),
        (b"INSERT INTO values VALUES (1)", "Values", b" (1)"),
        (b"INSERT INTO TABLE db.t VALUES(1),(2)", "Values", b"(1),(2)"),
        (b"-- FORMAT x\nINSERT /* VALUES */ INTO t FORMAT Native\n\x01\x01", "Native", b"\x01\x01"),
        (b"INSERT INTO t SETTINGS async_insert = 1 FORMAT JSONEachRow {}", "JSONEachRow", b"{}"),
        (b"INSERT INTO FUNCTION file('x', 'CSV') FORMAT CSV\n1", "CSV", b"1"),
        (b"INSERT INTO t SELECT a FROM input('a UInt8') FORMAT CSV\n1", "CSV", b"1"),
    ],
)
def test_an_insert_is_split_where_its_data_starts(sql: bytes, input_format: str, data: bytes) -> None:
    found = insert_with_data(sql)
    assert found is not None
    assert (found.format, sql[found.data_start :]) == (input_format, data)


@pytest.mark.parametrize(
    "sql",
    [
        b"",
        b"SELECT 1 FORMAT CSV",
        b"INSERT INTO t SELECT 1 FORMAT CSV",
        b"INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        b"INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x",
        b"INSERT INTO t (a)",
        b"INSERT INTO t FORMAT",
        b"EXPLAIN INSERT INTO t VALUES (1)",
    ],
)
def test_other_statements_carry_no_data(sql: bytes) -> None:
    assert insert_with_data(sql) is None


@given(st.binary(max_size=50))
def test_any_data_stays_as_it_is(data: bytes) -> None:
    found = insert_with_data(b"INSERT INTO t FORMAT Native\n" + data)
    assert found is not None
    assert found.data_start == len(b"INSERT INTO t FORMAT Native\n")


@given(st.text(max_size=30))
def test_text_in_quotes_is_never_a_clause(text: str) -> None:
    literal = "'" + text.replace("\\", "\\\\").replace("'", "''") + " FORMAT CSV'"
    sql = f"SELECT {literal}".encode()
    assert output_format(sql) is None
    assert output_format(sql + b" FORMAT JSON") == "JSON"
    assert without_format(sql + b" FORMAT JSON") == sql + b" "


@pytest.mark.parametrize(
    ("sql", "output"),
    [
        (b"SELECT 1", None),
        (b"SELECT 1 format JSON", "JSON"),
        (b"SELECT (SELECT 1 FORMAT CSV) FORMAT TSV;", "TSV"),
        (b"SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "JSON"),
        (b"SELECT 1 -- FORMAT CSV\nFORMAT Native", "Native"),
    ],
)
def test_the_format_of_a_query(sql: bytes, output: str | None) -> None:
    assert output_format(sql) == output


def test_the_first_word_is_found_behind_comments_and_brackets() -> None:
    assert first_word(b" /* x */ -- y\n((select 1) union all (select 2))") == b"SELECT"
    assert first_word(b"1 + 1") == b""
    assert reads(b"with 1 as x select x")
    assert not reads(b"SHOW TABLES")
