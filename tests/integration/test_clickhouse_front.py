"""Clients of a ClickHouse server speak to the local engine over HTTP unchanged."""

import gzip
import json
import shutil
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import clickhouse_connect
import fastavro
import httpx
import lz4.frame
import pytest
import zstandard
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

from deploy.local.clickhouse.blocks import BlockDecoder, encode
from deploy.local.clickhouse.server import LocalClickHouse

pytestmark = pytest.mark.clickhouse

EVENTS = """CREATE TABLE events (id UInt64, text String, at DateTime64(3, 'UTC'), kind LowCardinality(String),
    score Nullable(Float64), keys Array(String), counts Map(String, UInt32), key UUID, price Decimal(10, 2))
    ENGINE = MergeTree ORDER BY id"""


@pytest.fixture
def http(clickhouse: LocalClickHouse, database: str) -> Iterator[httpx.Client]:
    """Plain HTTP with the test's database."""
    with httpx.Client(base_url=clickhouse.url, params={"database": database}, timeout=30) as client:
        yield client


@pytest.fixture
def numbers(http: httpx.Client) -> str:
    """A table n of one column."""
    assert http.post("/", content="CREATE TABLE n (a UInt64) ENGINE = MergeTree ORDER BY a").status_code == 200
    return "n"


def _row(number: int) -> list[Any]:
    at = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    text = f"it's {number}\ta \\ line\n ẹ̀kọ́"
    return [
        number,
        text,
        at,
        "sms",
        None if number % 2 else 0.5,
        ["a", "b"],
        {"x": number},
        uuid.UUID(int=number),
        Decimal("1.25"),
    ]


def _ask(http: httpx.Client, sql: str, **params: str) -> str:
    answer = http.post("/", content=sql, params=params)
    assert answer.status_code == 200, answer.text
    return answer.text.strip()


class TestClickhouseConnect:
    """The client that the services use."""

    @pytest.mark.parametrize("compress", [True, "lz4", "zstd", "gzip", False])
    def test_rows_come_back_as_they_were_inserted(
        self, clickhouse: LocalClickHouse, warehouse: Client, database: str, compress: bool | str
    ) -> None:
        warehouse.command(EVENTS)
        rows = [_row(number) for number in range(2_000)]
        with clickhouse_connect.get_client(dsn=clickhouse.url, database=database, compress=compress) as client:
            assert client.insert("events", rows).written_rows == 2_000
            found = client.query("SELECT * FROM events ORDER BY id")
        assert found.row_count == 2_000
        for got, sent in zip(found.result_rows, rows, strict=True):
            assert list(got) == [value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in sent]

    def test_parameters_are_bound_in_urls_and_in_forms(self, warehouse: Client) -> None:
        short = {"n": 5, "s": "it's a\ttab \\ and\na line", "a": ["x", "y'"], "none": None}
        sql = "SELECT {n:UInt8} + 1, {s:String}, {a:Array(String)}, {none:Nullable(String)}"
        assert warehouse.query(sql, parameters=short).result_rows == [(6, short["s"], short["a"], None)]
        long = "x" * 200_000  # too long for a URL: the client sends a multipart form
        assert warehouse.query("SELECT length({s:String})", parameters={"s": long}).result_rows == [(200_000,)]

    def test_parameters_are_bound_in_the_values_of_an_insert(self, warehouse: Client) -> None:
        warehouse.command("CREATE TABLE t (a UInt8, s String) ENGINE = MergeTree ORDER BY a")
        warehouse.command("INSERT INTO t VALUES ({a:UInt8}, upper({s:String}))", parameters={"a": 1, "s": "x"})
        assert warehouse.query("SELECT * FROM t").result_rows == [(1, "X")]

    def test_settings_of_a_request_do_not_outlive_it_but_those_that_were_set_do(self, warehouse: Client) -> None:
        shown = "SELECT getSetting('max_block_size'), getSetting('max_result_rows')"
        default = warehouse.query(shown).result_rows
        warehouse.command("SET max_result_rows = 77")
        assert warehouse.query(shown, settings={"max_block_size": 5}).result_rows == [(5, 77)]
        assert warehouse.query(shown).result_rows == [(default[0][0], 77)]
        assert warehouse.query(shown, settings={"max_result_rows": 78}).result_rows == [(default[0][0], 78)]
        assert warehouse.query(shown).result_rows == [(default[0][0], 77)]

    def test_temporary_tables_live_in_their_session_alone(
        self, clickhouse: LocalClickHouse, warehouse: Client, database: str
    ) -> None:
        warehouse.command("CREATE TEMPORARY TABLE mine (a UInt8)")
        warehouse.insert("mine", [[1], [2]], column_names=["a"], column_type_names=["UInt8"])
        assert warehouse.query("SELECT sum(a) FROM mine").result_rows == [(3,)]
        with (
            clickhouse_connect.get_client(dsn=clickhouse.url, database=database) as other,
            pytest.raises(DatabaseError, match="code: 60"),
        ):
            other.query("SELECT * FROM mine")

    def test_external_data_is_a_table_of_one_query(self, warehouse: Client) -> None:
        ids = ExternalData(file_name="ids.csv", fmt="CSV", structure="id UInt64", data=b"3\n5\n")
        sql = "SELECT number FROM numbers(10) WHERE number IN (SELECT id FROM ids) ORDER BY number"
        assert warehouse.query(sql, external_data=ids).result_rows == [(3,), (5,)]
        with pytest.raises(DatabaseError):
            warehouse.query(sql, settings={"session_id": uuid.uuid4().hex})

    def test_arrow_and_raw_formats(self, warehouse: Client) -> None:
        assert warehouse.query_arrow("SELECT number FROM numbers(3)").column(0).to_pylist() == [0, 1, 2]
        assert warehouse.raw_query("SELECT 1 AS x", fmt="JSONEachRow") == b'{"x":1}\n'
        warehouse.command("CREATE TABLE t (a UInt8, s String) ENGINE = MergeTree ORDER BY a")
        assert warehouse.raw_insert("t", ["a", "s"], b"1,x\n2,y\n", fmt="CSV").written_rows == 2
        packed = gzip.compress(b"3,z\n")
        assert warehouse.raw_insert("t", ["a", "s"], packed, fmt="CSV", compression="gzip").written_rows == 1

    def test_a_long_result_is_streamed_and_an_exception_in_its_middle_is_raised(self, warehouse: Client) -> None:
        with warehouse.query_row_block_stream("SELECT number, toString(number) FROM numbers(500000)") as blocks:
            assert sum(len(block) for block in blocks) == 500_000
        with (
            pytest.raises(StreamFailureError, match="395"),
            warehouse.query_row_block_stream("SELECT number, throwIf(number = 900000) FROM numbers(1000000)") as blocks,
        ):
            list(blocks)

    def test_an_insert_with_a_token_that_was_seen_adds_nothing(self, warehouse: Client) -> None:
        warehouse.command(
            "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100"
        )
        for token in ("one", "one", "two", "one"):
            settings = {"insert_deduplication_token": token, "async_insert": 0}
            warehouse.insert("t", [[1], [2]], column_names=["a"], settings=settings)
        assert warehouse.query("SELECT count() FROM t").result_rows == [(4,)]

    def test_readers_see_whole_inserts_while_a_writer_writes(
        self, clickhouse: LocalClickHouse, warehouse: Client, database: str
    ) -> None:
        warehouse.command("CREATE TABLE t (a UInt64, batch UInt64) ENGINE = MergeTree ORDER BY a")
        written = threading.Event()
        torn: list[object] = []

        def read() -> None:
            with clickhouse_connect.get_client(dsn=clickhouse.url, database=database) as reader:
                while not written.is_set():
                    counts = reader.query(
                        "SELECT batch, count() FROM t GROUP BY batch HAVING count() != 500"
                    ).result_rows
                    torn.extend(counts)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for batch in range(40):
            warehouse.insert("t", [[number, batch] for number in range(500)], settings={"async_insert": 0})
        written.set()
        for reader in readers:
            reader.join()
        assert torn == []
        assert warehouse.query("SELECT count() FROM t").result_rows == [(20_000,)]


class TestErrors:
    """ClickHouse's own text, code and status."""

    @pytest.mark.parametrize(
        ("sql", "status", "code", "text"),
        [
            ("SELEC 1", 400, 62, "Syntax error"),
            ("SELECT * FROM nowhere", 404, 60, "nowhere"),
            ("SELECT nothing", 404, 47, "nothing"),
            ("SELECT 1 FORMAT Nonsense", 404, 73, "Nonsense"),
            ("SELECT toUInt8('x')", 400, 6, "Cannot parse"),
            ("SELECT throwIf(1)", 500, 395, "throwIf"),
            ("INSERT INTO nowhere FORMAT CSV\n1\n", 404, 60, "nowhere"),
            ("INSERT INTO n FORMAT CSV\n1,x\n", 400, 117, "Expected end of line"),
            ('INSERT INTO n FORMAT JSONEachRow\n{"b"', 400, 27, "Cannot parse"),
            ("", 400, 62, "empty query"),
        ],
    )
    def test_a_wrong_statement(
        self, http: httpx.Client, numbers: str, sql: str, status: int, code: int, text: str
    ) -> None:
        answer = http.post("/", content=sql, params={"async_insert": "0"})
        assert answer.headers["x-clickhouse-exception-code"] == str(answer.text.split()[1].rstrip("."))
        assert (answer.status_code, int(answer.headers["x-clickhouse-exception-code"])) == (status, code)
        assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
        assert text in answer.text
        assert answer.text.count("DB::Exception") == 1
        assert answer.text.endswith(")\n")
        assert "(version 26." in answer.text

    @pytest.mark.parametrize(
        ("table", "params", "code"),
        [
            ("CREATE TABLE t (a UInt8, CONSTRAINT small CHECK a < 5) ENGINE = MergeTree ORDER BY a", {}, 469),
            (
                "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a",
                {"view": "SELECT throwIf(a > 5) AS a FROM t"},
                395,
            ),
            (
                "CREATE TABLE t (a UInt8) ENGINE = MergeTree PARTITION BY a ORDER BY a",
                {"max_partitions_per_insert_block": "1"},
                252,
            ),
        ],
    )
    @pytest.mark.parametrize("input_format", ["CSV", "Values", "Native"])
    def test_an_insert_that_is_refused_after_parsing(
        self, http: httpx.Client, table: str, params: dict[str, str], code: int, input_format: str
    ) -> None:
        rows = {"CSV": b"1\n2\n9\n", "Values": b"(1), (2), (9)"}
        view = params.get("view")
        settings = {name: value for name, value in params.items() if name != "view"}
        _ask(http, table)
        if view:
            _ask(http, f"CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY a AS {view}")
        native = http.post("/", content="SELECT arrayJoin([1, 2, 9])::UInt8 AS a FORMAT Native").content
        insert = {"query": f"INSERT INTO t FORMAT {input_format}", "async_insert": "0", **settings}
        answer = http.post("/", params=insert, content=rows.get(input_format, native))
        assert answer.headers["x-clickhouse-exception-code"] == str(code)
        assert answer.status_code == 500

    def test_an_unknown_setting_database_or_user(self, http: httpx.Client) -> None:
        assert http.get("/", params={"query": "SELECT 1", "no_such_setting": "1"}).status_code == 404
        unknown = http.get("/", params={"query": "SELECT 1", "database": "nowhere"})
        assert (unknown.status_code, unknown.headers["x-clickhouse-exception-code"]) == (404, "81")
        refused = http.get("/", params={"query": "SELECT 1"}, headers={"X-ClickHouse-User": "somebody"})
        assert (refused.status_code, refused.headers["x-clickhouse-exception-code"]) == (403, "516")

    def test_a_missing_parameter(self, http: httpx.Client) -> None:
        answer = http.post("/", content="SELECT {a:UInt8}")
        assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (500, "456")

    def test_a_refused_request_leaves_its_session_usable(self, http: httpx.Client) -> None:
        session = {"session_id": uuid.uuid4().hex}
        assert http.post("/", content="SELECT 1", params={**session, "max_threads": "many"}).status_code == 400
        assert http.post("/", content="SELECT nothing", params=session).status_code == 404
        assert _ask(http, "SELECT getSetting('max_threads')", **session) == "2"

    def test_get_only_reads(self, http: httpx.Client, numbers: str) -> None:
        answer = http.get("/", params={"query": "INSERT INTO n VALUES (1)"})
        assert answer.headers["x-clickhouse-exception-code"] == "164"
        assert http.post("/", content="DROP TABLE n", params={"readonly": "1"}).status_code == 500
        assert _ask(http, "SELECT count() FROM n") == "0"


class TestPlainHttp:
    """curl, Grafana and everything else that sends a query and reads what comes."""

    @pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
    def test_curl(self, clickhouse: LocalClickHouse) -> None:
        def curl(*args: str) -> str:
            return subprocess.run(["curl", "-sS", *args], capture_output=True, text=True, check=True).stdout

        assert curl(f"{clickhouse.url}/ping") == "Ok.\n"
        assert curl(f"{clickhouse.url}/replicas_status") == "Ok.\n"
        assert curl(f"{clickhouse.url}/?query=SELECT%201%20AS%20x%20FORMAT%20JSONEachRow") == '{"x":1}\n'
        assert curl(clickhouse.url, "-d", "SELECT 'a', 2", "-u", "default:") == "a\t2\n"
        compressed = curl("--compressed", f"{clickhouse.url}/?enable_http_compression=1", "-d", "SELECT 3")
        assert compressed == "3\n"

    def test_headers_say_what_was_done(self, http: httpx.Client, numbers: str) -> None:
        inserted = http.post("/", content="INSERT INTO n FORMAT CSV\n1\n2\n", params={"query_id": "mine"})
        assert json.loads(inserted.headers["x-clickhouse-summary"])["written_rows"] == "2"
        assert inserted.headers["x-clickhouse-query-id"] == "mine"
        read = http.post("/", content="SELECT * FROM n", headers={"X-ClickHouse-Format": "JSON"})
        assert read.headers["x-clickhouse-format"] == "JSON"
        assert read.headers["content-type"] == "application/json; charset=UTF-8"
        assert read.headers["x-clickhouse-timezone"]
        assert read.headers["x-clickhouse-server-display-name"]
        assert json.loads(read.headers["x-clickhouse-summary"])["read_rows"] == "2"
        assert [row["a"] for row in read.json()["data"]] == [1, 2]

    def test_inserts_take_every_format(self, http: httpx.Client, numbers: str, tmp_path: Path) -> None:
        avro = tmp_path / "n.avro"
        schema = {"type": "record", "name": "n", "fields": [{"name": "a", "type": "long"}]}
        with avro.open("wb") as file:
            fastavro.writer(file, fastavro.parse_schema(schema), [{"a": 5}, {"a": 6}])
        native = http.post("/", content="SELECT toUInt64(7) AS a FORMAT Native").content
        bodies = [
            ("INSERT INTO n FORMAT JSONEachRow", b'{"a":1}\n'),
            ("INSERT INTO n FORMAT CSV", b"2\n"),
            ("INSERT INTO n (a) FORMAT TabSeparated", b"3\n"),
            ("INSERT INTO n FORMAT RowBinary", (4).to_bytes(8, "little")),
            ("INSERT INTO n FORMAT Avro", avro.read_bytes()),
            ("INSERT INTO n FORMAT Native", native),
            ("INSERT INTO n VALUES", b"(8), (4 + 5)"),
            ("INSERT INTO n SELECT a + 9 FROM input('a UInt64') FORMAT RowBinary", (1).to_bytes(8, "little")),
            ("INSERT INTO n SETTINGS async_insert = 1, wait_for_async_insert = 1 FORMAT CSV", b"11\n"),
            ("INSERT INTO n SELECT 12", b""),
        ]
        for sql, body in bodies:
            answer = http.post("/", params={"query": sql}, content=body)
            assert answer.status_code == 200, (sql, answer.text)
            assert answer.content == b""
        assert _ask(http, "SELECT arraySort(groupArray(a)) FROM n") == "[1,2,3,4,5,6,7,8,9,10,11,12]"

    def test_bodies_may_be_compressed_in_every_way(self, http: httpx.Client, numbers: str) -> None:
        ways = {
            "gzip": gzip.compress,
            "zstd": zstandard.compress,
            "lz4": lz4.frame.compress,
        }
        for number, (encoding, pack) in enumerate(ways.items()):
            body = pack(b"%d\n" % number) + pack(b"%d\n" % (number + 10))  # two frames
            headers = {"Content-Encoding": encoding}
            answer = http.post("/", params={"query": "INSERT INTO n FORMAT CSV"}, content=body, headers=headers)
            assert answer.status_code == 200, answer.text
        assert _ask(http, "SELECT arraySort(groupArray(a)) FROM n") == "[0,1,2,10,11,12]"
        torn = http.post("/", content=gzip.compress(b"SELECT 1")[:-4], headers={"Content-Encoding": "gzip"})
        assert torn.headers["x-clickhouse-exception-code"] == "271"

    def test_clickhouse_s_own_compressed_blocks(self, http: httpx.Client, numbers: str) -> None:
        insert = {"query": "INSERT INTO n FORMAT CSV", "decompress": "1"}
        assert http.post("/", params=insert, content=encode(b"1\n") + encode(b"2\n")).status_code == 200
        for encoding in ("identity", "zstd"):
            asked = {"compress": "1", "enable_http_compression": "1"}
            answer = http.post("/", content="SELECT a FROM n", params=asked, headers={"Accept-Encoding": encoding})
            assert BlockDecoder().feed(answer.content) == b"1\n2\n"
        long = http.post("/", content="SELECT number FROM numbers(500000)", params={"compress": "1"})
        assert BlockDecoder().feed(long.content).count(b"\n") == 500_000
        torn = http.post("/", params=insert, content=encode(b"1\n")[:-1] + b"x")
        assert torn.headers["x-clickhouse-exception-code"] == "40"
        refused = http.post("/", content="SELECT nothing", params={"compress": "1"})
        assert refused.text.startswith("Code: 47.")

    def test_a_session_keeps_its_database_and_ends_when_told_to(self, http: httpx.Client, database: str) -> None:
        session = {"session_id": uuid.uuid4().hex, "database": ""}
        _ask(http, f"USE {database}", **session)
        assert _ask(http, "SELECT currentDatabase()", **session) == database
        assert _ask(http, "SELECT currentDatabase()", **{**session, "database": "system"}) == "system"
        assert _ask(http, "SELECT currentDatabase()", **session, close_session="1") == database
        gone = http.post("/", content="SELECT 1", params={**session, "session_check": "1"})
        assert gone.headers["x-clickhouse-exception-code"] == "372"

    def test_a_session_serves_one_request_at_a_time(self, http: httpx.Client) -> None:
        session = {"session_id": uuid.uuid4().hex}
        with http.stream("POST", "/", content="SELECT * FROM system.numbers", params=session) as running:
            assert running.status_code == 200
            locked = http.post("/", content="SELECT 1", params=session)
        assert locked.headers["x-clickhouse-exception-code"] == "373"

    def test_blocks_of_a_later_protocol_revision(self, http: httpx.Client) -> None:
        sql = "SELECT toDateTime('2026-01-01 00:00:00', 'Africa/Lagos') AS at, ['a'] AS list FORMAT Native"
        later = http.post("/", content=sql, params={"client_protocol_version": "54460"}).content
        assert later.startswith(b"\x01\x00\x02\xff\xff\xff\xff\x00" + b"\x02\x01\x02at\x18DateTime('Africa/Lagos')\x00")
        assert later.endswith(b"\x04list\x0dArray(String)\x00" + (1).to_bytes(8, "little") + b"\x01a")


class TestClientsThatLeave:
    """A client that breaks off takes nothing with it and leaves nothing running."""

    def test_the_query_of_a_client_that_left_is_killed(self, clickhouse: LocalClickHouse, http: httpx.Client) -> None:
        mark = uuid.uuid4().hex
        sql = f"SELECT sum(sipHash64(number)), '{mark}' FROM numbers(1000000000000)".encode()
        running = f"SELECT count() FROM system.processes WHERE query LIKE '%{mark}%' AND query NOT LIKE '%processes%'"
        with socket.create_connection(("127.0.0.1", clickhouse.port)) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(sql), sql))
            _until(http, running, "1")
        _until(http, running, "0")

    def test_an_insert_that_breaks_off_is_not_committed(
        self, clickhouse: LocalClickHouse, http: httpx.Client, database: str, numbers: str
    ) -> None:
        query = f"database={database}&query=INSERT%20INTO%20n%20FORMAT%20CSV"
        head = b"POST /?%b HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n" % query.encode()
        with socket.create_connection(("127.0.0.1", clickhouse.port)) as sock:
            sock.sendall(head + b"1\n" * 6_000_000)  # more than is gathered before the engine gets it
        _ask(http, "INSERT INTO n VALUES (2)")
        _until(http, "SELECT count() FROM system.processes WHERE query_kind = 'Insert'", "0")
        assert _ask(http, "SELECT groupArray(a) FROM n") == "[2]"

    def test_a_large_insert_is_one_insert(self, http: httpx.Client, numbers: str) -> None:
        def rows() -> Iterator[bytes]:
            for start in range(0, 2_000_000, 50_000):
                yield b"".join(b"%d\n" % number for number in range(start, start + 50_000))

        answer = http.post("/", params={"query": "INSERT INTO n FORMAT CSV", "async_insert": "0"}, content=rows())
        assert answer.status_code == 200, answer.text
        assert json.loads(answer.headers["x-clickhouse-summary"])["written_rows"] == "2000000"
        assert _ask(http, "SELECT count(), uniqExact(a) FROM n") == "2000000\t2000000"


def _until(http: httpx.Client, sql: str, wanted: str) -> None:
    """Ask until the answer is as wanted; the test's time limit ends what never comes."""
    while _ask(http, sql) != wanted:
        pass


class TestDurability:
    """What was acknowledged is there after kill -9 and after a stop."""

    def test_no_acknowledged_row_is_lost(self, tmp_path: Path) -> None:
        server = LocalClickHouse(tmp_path)
        acknowledged = 0
        try:
            server.start()
            table = "CREATE TABLE d.n (a UInt64) ENGINE = MergeTree ORDER BY a"
            for sql in ("CREATE DATABASE d", f"{table} SETTINGS non_replicated_deduplication_window = 10"):
                assert httpx.post(server.url, content=sql).status_code == 200
            for kill in (True, True, False):
                killer = threading.Timer(0.3, server.kill if kill else server.stop)
                killer.start()
                try:
                    while True:
                        params = {
                            "query": "INSERT INTO d.n FORMAT CSV",
                            "insert_deduplication_token": str(acknowledged),
                        }
                        answer = httpx.post(server.url, params=params, content=f"{acknowledged}\n")
                        assert answer.status_code == 200, answer.text
                        acknowledged += 1
                except httpx.HTTPError:
                    killer.join()
                server.start()
                # the one under way when the process ended may be there or not; sent again, it is there once
                httpx.post(server.url, params=params, content=f"{acknowledged}\n").raise_for_status()
                acknowledged += 1
                found = httpx.post(server.url, content="SELECT count(), uniqExact(a), max(a) FROM d.n").text
                assert found == f"{acknowledged}\t{acknowledged}\t{acknowledged - 1}\n"
        finally:
            server.stop()
        assert acknowledged > 3
