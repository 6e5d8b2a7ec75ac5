import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from services.batch_loader.sources import Source
from tests.unit.batch_loader.fakes import Place

HEADER = ["Ticket #", "Phone", "Date", "Status", "Complaint"]
ROWS = [[f"T{n}", f"0803{n:07d}", "2024-01-02 10:00:00", "Open", f"no network {n}"] for n in range(300)]
TEXT = "".join(",".join(row) + "\n" for row in [HEADER, *ROWS])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def as_zip(data: bytes, name: str = "january/calls.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, bz2.compress, lzma.compress, zstandard.compress, as_zip, lambda data: as_zip(gzip.compress(data))],
)
def test_compressed_files_are_read_whatever_they_are_called(place: Place, pack: Callable[[bytes], bytes]) -> None:
    summary, broker = place.load(place.write("calls.csv", pack(TEXT.encode())))
    assert summary.total.loaded == 300
    assert broker.events[0]["payload"] == b"T0,08030000000,2024-01-02 10:00:00,Open,no network 0\n"


def test_every_member_of_a_zip_is_loaded(place: Place) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr(
            "b.json", json.dumps([dict(zip(HEADER, ["X1", "0803", "2024-01-02", "Open", "x"], strict=True))])
        )
        archive.writestr("__MACOSX/a.csv", "junk")
    summary, _ = place.load(place.write("all.zip", out.getvalue()))
    assert [(f.name, f.counted.loaded) for f in summary.files] == [("all.zip:a.csv", 300), ("all.zip:b.json", 1)]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_cut_archive_gives_what_it_holds_and_a_dead_letter(place: Place, pack: Callable[[bytes], bytes]) -> None:
    lines = TEXT + "".join(f"U{n},0803{n * 7919 % 10**7:07d},2024-01-02,Open,x{n * 31337}\n" for n in range(20_000))
    data = pack(lines.encode())
    summary, broker = place.load(place.write("calls.csv.gz", data[: len(data) - 30]))
    assert summary.total.dead >= 1
    assert "damaged" in broker.of("dead-letters")[-1]["detail"]


def test_json_lines_arrays_and_wrapped_arrays_are_the_same_rows(place: Place) -> None:
    objects = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    texts = ["\n".join(map(json.dumps, objects)), json.dumps(objects), json.dumps({"total": 300, "rows": objects})]
    for n, text in enumerate(texts):
        summary, _ = place.load(place.write(f"{n}.json", text))
        assert (summary.total.rows, summary.total.loaded) == (300, 0 if n else 300)


def test_parquet_is_read_with_its_types(place: Place) -> None:
    when = datetime(2024, 1, 2, 10, tzinfo=UTC)
    table = pa.table(
        {
            "Ticket #": list(range(5_000)),
            "Phone": [8031234567.0] * 5_000,
            "Date": [when] * 5_000,
            "Complaint": ["x"] * 5_000,
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    summary, broker = place.load(place.write("calls.parquet", out.getvalue()))
    assert summary.total.loaded == 5_000
    event = broker.events[0]
    assert event["occurred_at"] == int(when.timestamp() * 1000)
    assert event["identifiers"] == [{"kind": "msisdn", "value": "8031234567"}]
    assert json.loads(event["payload"])["Ticket #"] == 0


def test_workbooks_are_read_below_their_title_from_every_sheet_with_a_header(place: Place) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["Complaints of January"])
    first.append([])
    first.append(HEADER)
    first.append(["T1", 8031234567, datetime(2024, 1, 2, 10), "Open", "slow"])
    book.create_sheet("notes").append(["nothing here"])
    third = book.create_sheet("february")
    third.append(HEADER)
    third.append(["T2", "08031234567", "02/02/2024", "Closed", "slow"])
    out = io.BytesIO()
    book.save(out)
    summary, broker = place.load(place.write("calls.xlsx", out.getvalue()))
    assert summary.total.loaded == 2
    assert [e["fields"]["status"] for e in broker.events] == ["acknowledged", "closed"]
    assert broker.events[0]["payload_type"].endswith("; line=4")


MAPPED: dict[str, Any] = {"kind": "mapped"}


def test_log_lines_are_read_by_a_pattern(place: Place) -> None:
    pattern = r"^(?P<occurred_at>\S+ \S+) \[(?P<id>\w+)\] from=(?P<who>\d+) (?P<text>.*)$"
    text = "2024-01-02 10:00:00 [A1] from=08031234567 no network\nrubbish\n2024-01-02 10:01:00 [A2] from=0803 slow\n"
    columns = {"own_id": "id", "msisdn": "who", "text": "text", "occurred_at": "occurred_at"}
    summary, broker = place.load(place.write("a.log", text), pattern=pattern, columns=columns, **MAPPED)
    assert (summary.total.loaded, summary.total.dead) == (2, 1)
    assert broker.events[0]["text"] == "no network"
    assert broker.of("dead-letters")[0]["offset"] == 2


def test_fixed_columns_are_read_by_their_places(place: Place) -> None:
    text = "HEADER LINE\nA1  2024-01-02 08031234567 no network\nA2  2024-01-03 08031234568 slow\n"
    places = {"id": (1, 4), "date": (5, 14), "phone": (16, 26), "text": (28, 80)}
    summary, broker = place.load(place.write("a.txt", text), places=places, skip_lines=1, **MAPPED)
    assert summary.total.loaded == 2
    assert broker.events[1]["text"] == "slow"


def test_a_file_without_a_header_is_read_by_configured_names(place: Place) -> None:
    text = "A1|2024-01-02|08031234567|no network\nA2|2024-01-02|08031234567|slow\n"
    columns = {"own_id": "a", "occurred_at": "b", "msisdn": "c", "text": "d"}
    how = {"delimiter": "|", "header": ["a", "b", "c", "d"], "columns": columns, "constants": {"state": "Lagos"}}
    summary, broker = place.load(place.write("a.txt", text), **how, **MAPPED)
    assert summary.total.loaded == 2
    assert broker.events[0]["fields"]["state"] == "Lagos"


def test_columns_can_be_joined(place: Place) -> None:
    text = "id,date,first,last,what,more\n1,2024-01-02,Ada,Obi,slow,since noon\n"
    columns = {"customer_name": ["first", "last"], "text": ["what", "more"]}
    _, broker = place.load(place.write("a.csv", text), columns=columns, **MAPPED)
    assert broker.events[0]["text"] == "slow since noon"
    assert broker.events[0]["fields"]["customer_name"] == "Ada Obi"


def test_the_day_in_a_files_name_stands_in_for_a_missing_time_and_is_named_as_imputed(place: Place) -> None:
    text = "call ID,customeR iD,COMPLAINT_catego ry\n1,C1,Network\n"
    _, broker = place.load(place.write("call_logs_day_2026-01-02.csv", text))
    (event,) = broker.events
    assert event["occurred_at"] == 1767308400000  # midnight in Lagos
    assert event["fields"]["imputed"] == "occurred_at"


DAMAGED = {
    "a.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    "a.xlsx": as_zip(b"x", "[Content_Types].xml"),
    "a.parquet": b"PAR1" + b"\0" * 50,
    "a.zip": b"PK\x03\x04" + b"\0" * 40,
    "empty.csv": b"",
}


@pytest.mark.parametrize(("name", "data"), DAMAGED.items())
def test_a_damaged_file_is_refused_or_empty_and_the_next_is_loaded(place: Place, name: str, data: bytes) -> None:
    place.write(name, data)
    place.write("z.csv", TEXT)
    summary, _ = place.load(place.files)
    assert summary.total.loaded == 300
    assert summary.refused == (0 if name == "empty.csv" else 1)


@pytest.mark.parametrize(
    "wrong", [{"pattern": "(?P<x"}, {"pattern": "no names"}, {"places": {"a": (4, 2)}}, {"columns": {"No Such": "a"}}]
)
def test_a_wrong_map_is_refused_when_it_is_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"pattern|last character|canonical"):
        Source(kind="mapped", **wrong)
