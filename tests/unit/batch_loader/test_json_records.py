import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.batch_loader.readers.json_records import JsonReader, flat
from services.batch_loader.records import MAX_ROW_BYTES, Fault, Row, Torn


def records(text: str | bytes) -> list[Row | Fault | Torn]:
    raw = text if isinstance(text, bytes) else text.encode()
    return [record for batch in JsonReader(io.BytesIO(raw)) for record in batch.records]


A, B = '{"id": 1, "text": "no ] network"}', '{"id": 2, "text": "}{ \\" x"}'


@pytest.mark.parametrize(
    "text",
    [f"{A}\n{B}\n", f"[{A},{B}]", f"[\n  {A},\n  {B}\n]\n", f"\ufeff[{A}, {B}]", f'{{"data": [{A}, {B}], "total": 2}}',
     f'{{"page": 1, "note": "a: [x", "rows": [{A},{B}]}}', f"[{A}]\n[{B}]", f"{A}{B}"],
)  # fmt: skip
def test_objects_are_found_however_they_follow_each_other(text: str) -> None:
    assert records(text) == [Row(1, A.encode(), (1, "no ] network")), Row(2, B.encode(), (2, '}{ " x'))]


def test_a_single_object_is_a_record() -> None:
    assert [type(r) for r in records('{"id": 1,\n "customer": {"phone": "0803"}}')] == [Row]


def test_nested_names_become_columns() -> None:
    (batch,) = JsonReader(io.BytesIO(b'{"id": 1, "customer": {"phone": "0803", "tags": []}}'))
    assert batch.columns == ("id", "customer.phone", "customer.tags")


def test_records_of_other_shapes_are_batches_of_their_own() -> None:
    batches = list(JsonReader(io.BytesIO(b'{"a": 1}\n{"a": 2}\n{"b": 3}\n')))
    assert [(b.columns, len(b.records)) for b in batches] == [(("a",), 2), (("b",), 1)]


@pytest.mark.parametrize("bad", ['{"id": 1, "text": }', '{"id": 1 "x": 2}', "{id: 1}", "nonsense"])
def test_a_bad_object_costs_itself_only(bad: str) -> None:
    for text in (f"{A}\n{bad}\n{B}\n", f"[{A},\n{bad},\n{B}]"):
        found = records(text)
        assert [type(r) for r in found] == [Row, Fault, Row]
        assert found[1].line == 2


@pytest.mark.parametrize("bad", ["1", '"x"', "null", "true"])
def test_a_value_that_is_no_object_is_a_fault(bad: str) -> None:
    assert [type(r) for r in records(f"[{A}, {bad}, {B}]")] == [Row, Fault, Row]


def test_a_cut_end_is_torn() -> None:
    assert [type(r) for r in records(f"{A}\n{B[:-5]}")] == [Row, Torn]
    assert [type(r) for r in records(f"[{A},\n{B[:-5]}")] == [Row, Torn]


def test_an_oversize_object_is_a_fault_and_the_next_is_read() -> None:
    big = json.dumps({"id": 1, "text": "x" * MAX_ROW_BYTES})
    found = records(f"{big}\n{B}\n")
    assert isinstance(found[0], Fault)
    assert found[0].reason == "oversize"
    assert isinstance(found[1], Row)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-8-sig"])
def test_encodings_are_found(encoding: str) -> None:
    text = "[" + ",".join('{"text": "kò ṣiṣẹ́ ₦500"}' for _ in range(30)) + "]"
    assert [r.values[0] for r in records(text.encode(encoding)) if isinstance(r, Row)] == ["kò ṣiṣẹ́ ₦500"] * 30


def test_bytes_that_are_no_text_are_kept() -> None:
    (row,) = records(b'[{"text": "a\xffb"}]')
    assert row.raw == b'{"text": "a\xffb"}'


def test_deep_nesting_does_not_end_the_reader() -> None:
    deep = '{"a":' * 50_000 + "1" + "}" * 50_000
    assert len(records(f"{A}\n{deep}\n{B}\n")) >= 2


SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.text(min_size=1, max_size=5), SCALARS, min_size=1, max_size=4), max_size=20))
def test_what_was_written_is_read_back(values: list[dict[str, object]]) -> None:
    expected = [tuple(flat(value).values()) for value in values]
    lines = "".join(json.dumps(value) + "\n" for value in values)
    for text in (lines, json.dumps(values), json.dumps(values, indent=1)):
        assert [r.values for r in records(text) if isinstance(r, Row)] == expected
