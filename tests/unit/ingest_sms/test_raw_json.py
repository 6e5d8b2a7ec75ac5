"""The bytes of list items inside a JSON document."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest_sms.raw_json import raw_items

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(_JSON, max_size=5), st.dictionaries(st.text(max_size=5), _JSON, max_size=3), st.sampled_from([None, 1]))
def test_each_item_is_read_back_alone(items: list[Any], around: dict[str, Any], indent: int | None) -> None:
    document = {**around, "results": items}
    raw = raw_items(json.dumps(document, indent=indent).encode(), ["results"])
    assert raw is not None
    assert [json.loads(item) for item in raw] == items


def test_keeps_the_bytes_as_they_are() -> None:
    body = b'\xef\xbb\xbf { "a" : {"b": [ {"x":1.00,\n"y":"\\u00e9"} , "\xc3\xa9" ]}}'
    assert raw_items(body, ["a", "b"]) == [b'{"x":1.00,\n"y":"\\u00e9"}', b'"\xc3\xa9"']
    assert raw_items(b"[1, 2]", []) == [b"1", b"2"]


def test_the_last_of_equal_names_counts() -> None:
    assert raw_items(b'{"r":[1],"r":[2]}', ["r"]) == [b"2"]


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"r":1}', b'{"r":[1', b"\xff", b"[" * 5000, b'{"r":[1]'])
def test_no_such_list_is_none(body: bytes) -> None:
    assert raw_items(body, ["r"]) is None
