"""Every reader survives spoilt files of its format: each row is read, dead, or in a file that is refused with a reason.

MUTATIONS=10000 runs the long version.
"""

import gzip
import io
import json
import os

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from services.batch_loader.files.compression import Unreadable, opened
from services.batch_loader.files.lines import Lines
from services.batch_loader.interpret import Interpreter, Read
from services.batch_loader.mapping.complaints import Complaint
from services.batch_loader.queue_calls import Calls
from services.batch_loader.queue_reads import QueueReads
from services.batch_loader.readers.formats import reader_of
from services.batch_loader.records import Fault, Torn
from services.batch_loader.sources import Kind, Source
from services.domain.vocabulary import DEAD_LETTER_REASONS
from tests.unit.batch_loader.fakes import CODEC
from tests.unit.batch_loader.mutations import mutated
from tests.unit.batch_loader.test_vendors import call, cdr

COUNT = int(os.environ.get("MUTATIONS", "60"))
NOW = 1_790_000_000_000
HEADER = ["Ticket #", "Phone", "Date", "Status", "Complaint"]
ROWS = [[f"T{n}", f"0803{n:07d}", "22-Apr-15 3:53:50 PM", "Open", f'kò sí "nẹ́tíwọ̀ọ̀kì", {n}\nrárá'] for n in range(40)]


def delimited(delimiter: str) -> bytes:
    import csv

    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *ROWS])
    return out.getvalue().encode()


def workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [HEADER, *ROWS]:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[i] for row in ROWS] for i, name in enumerate(HEADER)}), out)
    return out.getvalue()


OBJECTS = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
SEGMENT = {"segmentStart": "2024-01-02T10:00:00Z", "wrapUpCode": "w", "wrapUpNote": "n"}
SESSION = {"ani": "tel:+2348031234567", "mediaType": "voice", "segments": [SEGMENT]}
CONVERSATION = {
    "conversationId": "c1",
    "conversationStart": "2024-01-02T10:00:00Z",
    "participants": [{"purpose": "external", "userId": "u", "sessions": [SESSION]}],
}
FILES: dict[str, tuple[Kind, bytes]] = {
    "csv": ("call_center_csv", delimited(",")),
    "semicolons": ("call_center_csv", delimited(";")),
    "tsv": ("call_center_csv", delimited("\t")),
    "csv in utf-16": ("call_center_csv", delimited(",").decode().encode("utf-16")),
    "csv in gzip": ("call_center_csv", gzip.compress(delimited(","))),
    "csv in zstd": ("call_center_csv", zstandard.compress(delimited(","))),
    "json lines": ("call_center_csv", "\n".join(json.dumps(o, ensure_ascii=False) for o in OBJECTS).encode()),
    "json array": ("call_center_csv", json.dumps(OBJECTS, indent=1).encode()),
    "genesys": ("genesys", json.dumps({"conversations": [CONVERSATION] * 10}).encode()),
    "cdr": ("asterisk_cdr", "".join(cdr(n) for n in range(30)).encode()),
    "excel": ("call_center_csv", workbook()),
    "parquet": ("call_center_csv", parquet()),
}


def reads_of(data: bytes, kind: Kind) -> list[Read]:
    found: list[Read] = []
    for _, stream in opened(io.BufferedReader(io.BytesIO(data))):  # type: ignore[arg-type]
        source = Source(kind=kind)
        found += [read for part in Interpreter(reader_of(stream, source), source, NOW, NOW) for read in part]
    return found


@pytest.mark.parametrize("name", FILES)
def test_spoilt_files_are_read_or_refused(name: str) -> None:
    kind, data = FILES[name]
    assert all(isinstance(read.complaint, Complaint) for read in reads_of(data, kind))
    for spoilt in mutated(data, COUNT):
        try:
            reads = reads_of(spoilt, kind)
        except Unreadable as refused:
            assert str(refused)
            continue
        lines = [read.record.line for read in reads]
        assert lines == sorted(lines)
        assert len(set(lines)) == len(lines)
        for read in reads:
            check(read)


def check(read: Read) -> None:
    found = read.complaint
    if isinstance(found, Fault):
        assert found.reason in DEAD_LETTER_REASONS
        assert str(found.line) in found.detail
    elif isinstance(found, Complaint):
        assert read.record.raw
        assert 946_684_800_000 <= found.occurred_at <= NOW + 86_400_000
        assert -(1 << 63) <= found.content < 1 << 63


@pytest.mark.parametrize("name", ["csv", "semicolons", "tsv"])
def test_no_line_of_a_spoilt_file_goes_missing(name: str) -> None:
    from services.batch_loader.mapping.headers import is_known
    from services.batch_loader.readers.delimited import DelimitedReader

    for spoilt in mutated(FILES[name][1], COUNT, seed=2):
        reader = DelimitedReader(Lines(io.BytesIO(spoilt)), is_known)
        records = [record for batch in reader for record in batch.records]
        raw = b"".join(record.raw for record in records)
        physical = list(Lines(io.BytesIO(spoilt)))
        inside = raw.decode("latin-1")
        before = records[0].line if records else len(physical) + 1
        for line in physical:
            text = line.raw.decode("latin-1").strip(' ,;\t|"\r\n')
            assert line.number < before or not text or text in inside, line.number


def test_spoilt_queue_logs_are_read() -> None:
    lines = [line for n in range(20) for line in call(n, 1_700_000_000 + n)]
    for spoilt in mutated(("\n".join(lines) + "\n").encode(), COUNT):
        reads = [r for part in QueueReads(Lines(io.BytesIO(spoilt)), Calls(), "x", NOW) for r in part]
        filled = [line for line in Lines(io.BytesIO(spoilt)) if line.raw.strip(b"\r\n\0")]
        assert len(reads) >= len(filled) - spoilt.count(b"\x00")
        for read in reads:
            check(read)
            assert not isinstance(read.complaint, Torn) or read is reads[-1]


def test_what_is_read_from_spoilt_text_can_be_sent_or_is_told_why_not() -> None:
    from services.batch_loader.events import EventMaker, Origin
    from services.batch_loader.records import Row
    from services.batch_loader.revisions import decide
    from services.domain.identity import IdKey
    from services.runtime.errors import CodecError

    maker = EventMaker(IdKey(b"0" * 32), CODEC, Source(kind="call_center_csv"))
    origin = Origin("0" * 64, "text/csv", NOW)
    for spoilt in mutated(FILES["json lines"][1], COUNT, seed=3):
        for read in reads_of(spoilt, "call_center_csv"):
            if isinstance(read.complaint, Complaint) and isinstance(read.record, Row):
                complaint = maker.complaint_id(read.complaint)
                revision = decide(None, 0, read.complaint.occurred_at, read.complaint.revised_at, NOW)
                assert revision is not None
                try:
                    maker.event(maker.writer(origin), read.record, read.complaint, complaint, revision)
                except CodecError as error:
                    assert error.reason in ("bad_text", "oversize")
