import io

import pytest

from services.batch_loader.files.lines import Lines
from services.batch_loader.mapping.headers import is_known
from services.batch_loader.readers.delimited import DelimitedReader
from services.batch_loader.records import MAX_ROW_BYTES, Fault, Row, Torn

HEADER = "Ticket #,Date,Complaint\n"


def records(data: bytes | str) -> list[Row | Fault | Torn]:
    raw = data if isinstance(data, bytes) else data.encode()
    reader = DelimitedReader(Lines(io.BytesIO(raw)), is_known)
    return [record for batch in reader for record in batch.records]


def test_a_row_has_its_line_and_its_bytes() -> None:
    found = records(HEADER + "1,2024-01-02,slow\n2,2024-01-03,no network\r\n")
    assert found == [
        Row(2, b"1,2024-01-02,slow\n", ["1", "2024-01-02", "slow"]),
        Row(3, b"2,2024-01-03,no network\r\n", ["2", "2024-01-03", "no network"]),
    ]


def test_a_quoted_field_may_hold_line_breaks_and_keeps_every_byte() -> None:
    row = '1,2024-01-02,"slow,\nvery ""slow""\n"\n'
    found = records(HEADER + row + "2,2024-01-03,x\n")
    assert found[0] == Row(2, row.encode(), ["1", "2024-01-02", 'slow,\nvery "slow"\n'])
    assert found[1].line == 5


def test_an_unclosed_quote_costs_its_own_line_only() -> None:
    found = records(HEADER + '1,2024-01-02,"slow\n2,2024-01-03,x\n3,2024-01-04,"y"\n')
    assert [(type(r), r.line) for r in found] == [(Fault, 2), (Row, 3), (Row, 4)]
    assert isinstance(found[0], Fault)
    assert found[0].raw == b'1,2024-01-02,"slow\n'
    assert found[0].reason == "malformed"
    assert "slow" not in found[0].detail


def test_an_unclosed_quote_before_a_row_of_several_lines_does_not_take_it_along() -> None:
    found = records(HEADER + '1,2024-01-02,"slow\n2,2024-01-03,"a\nb"\n3,2024-01-04,y\n')
    assert [(type(r), r.line) for r in found] == [(Fault, 2), (Row, 3), (Row, 5)]


def test_a_row_too_wide_or_too_narrow_is_a_fault_that_says_so() -> None:
    found = records(HEADER + "1,2024-01-02,slow,net\n2\n3,2024-01-02,x\n")
    assert [type(r) for r in found] == [Fault, Fault, Row]
    assert isinstance(found[0], Fault)
    assert found[0].detail == "line 2 has 4 fields where the header names 3"


def test_empty_cells_past_the_header_are_no_fault_and_empty_rows_no_rows() -> None:
    found = records(HEADER + "1,2024-01-02,slow,,\n\n,,\n , ,\n2,2024-01-02,x\n")
    assert [r.line for r in found] == [2, 6]
    assert all(isinstance(r, Row) for r in found)


def test_a_short_last_line_without_a_line_end_is_torn() -> None:
    found = records(HEADER + "1,2024-01-02,slow\n2,2024-0")
    assert found[1] == Torn(3, b"2,2024-0")


def test_a_whole_last_line_without_a_line_end_is_a_row() -> None:
    assert records(HEADER + "1,2024-01-02,slow")[0] == Row(2, b"1,2024-01-02,slow", ["1", "2024-01-02", "slow"])


def test_a_last_row_cut_inside_its_quotes_is_torn() -> None:
    found = records(HEADER + '1,2024-01-02,slow\n2,2024-01-03,"slo')
    assert found[1] == Torn(3, b'2,2024-01-03,"slo')


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = HEADER.replace(",", delimiter) + delimiter.join(["1", "2024-01-02", "a, b; c"]) + "\n"
    if delimiter in "a, b; c":
        text = text.replace("a, b; c", '"a, b; c"')
    assert records(text)[0] == Row(2, text.splitlines(keepends=True)[1].encode(), ["1", "2024-01-02", "a, b; c"])


def test_the_header_may_stand_below_a_title() -> None:
    found = records("Report of Lagos centre\nprinted 2024-02-01\n\n" + HEADER + "1,2024-01-02,slow\n")
    assert found == [Row(5, b"1,2024-01-02,slow\n", ["1", "2024-01-02", "slow"])]


def test_excels_hint_names_the_delimiter() -> None:
    found = records("sep=;\n" + HEADER.replace(",", ";") + "1;2024-01-02;slow\n")
    assert found == [Row(3, b"1;2024-01-02;slow\n", ["1", "2024-01-02", "slow"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_encodings_are_found_and_bytes_kept(encoding: str) -> None:
    rows = [f"{n},2024-01-02,réseau très lent à Kétou, déjà signalé".replace(", d", " d") + "\n" for n in range(50)]
    data = (HEADER + "".join(rows)).encode(encoding)
    found = records(data)
    assert [r.values[2] for r in found if isinstance(r, Row)] == ["réseau très lent à Kétou déjà signalé"] * 50
    assert data.endswith(b"".join(r.raw for r in found))


def test_a_line_that_is_no_utf8_in_a_utf8_file_is_a_fault_of_its_own() -> None:
    good = "1,2024-01-02,ẹ̀ro ayélujára kò ṣiṣẹ́ ₦500\n".encode() * 20
    found = records(HEADER.encode() + good + b"2,2024-01-02,\xff\xfe\n" + good)
    faults = [r for r in found if isinstance(r, Fault)]
    assert [(f.line, f.reason) for f in faults] == [(22, "bad_text")]
    assert len(found) == 41


def test_an_ascii_file_with_one_foreign_line_reads_it_as_windows_1252() -> None:
    found = records(HEADER.encode() + b"1,2024-01-02,slow\n" * 9 + b"2,2024-01-02,caf\xe9\n")
    assert found[-1] == Row(11, b"2,2024-01-02,caf\xe9\n", ["2", "2024-01-02", "café"])


def test_a_line_above_the_limit_is_oversize_and_the_next_is_read() -> None:
    long = "1,2024-01-02," + "x" * (MAX_ROW_BYTES + 1) + "\n"
    longer = "2,2024-01-02," + "x" * (5 * MAX_ROW_BYTES) + "\n"
    found = records(HEADER + long + longer + "3,2024-01-02,x\n")
    assert [(type(r), r.line) for r in found] == [(Fault, 2), (Fault, 3), (Row, 4)]
    assert {r.reason for r in found if isinstance(r, Fault)} == {"oversize"}


def test_old_macintosh_line_ends_are_lines() -> None:
    assert len(records((HEADER + "1,2024-01-02,slow\n2,2024-01-02,x\n").replace("\n", "\r"))) == 2


def test_a_stray_carriage_return_costs_one_line() -> None:
    found = records(HEADER + "1,2024-01-02,a\rb\n2,2024-01-02,x\n")
    assert [type(r) for r in found] == [Fault, Row]


def test_tabs_with_lone_quotes_are_not_quoting() -> None:
    text = "Ticket\tDate\tComplaint\n" + '1\t2024-01-02\t"slow since 5\n' * 3
    assert [r.values[2] for r in records(text) if isinstance(r, Row)] == ['"slow since 5'] * 3
