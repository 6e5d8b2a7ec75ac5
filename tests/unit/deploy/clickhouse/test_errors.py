"""Exceptions keep ClickHouse's text and get its server's status."""

import pytest

from deploy.local.clickhouse.answer import exception_block, message
from deploy.local.clickhouse.errors import EngineError, http_status, refusal


def test_a_wrapped_exception_is_shown_once() -> None:
    inner = "Code: 117. DB::Exception: Expected end of line. (INCORRECT_DATA) (version 26.9.2.1)"
    once = f"Code: 117. DB::Exception: {inner}. (INCORRECT_DATA)"
    for text in (inner, once, f"Code: 117. DB::Exception: {once} (version 26.9.2.1). (INCORRECT_DATA)"):
        error = EngineError(text)
        assert (str(error), error.code, error.status) == (inner, 117, 400)


def test_the_version_is_added_where_the_engine_left_it_out() -> None:
    error = refusal(60, "UNKNOWN_TABLE", "Unknown table x")
    shown = b"Code: 60. DB::Exception: Unknown table x (UNKNOWN_TABLE) (version 1.2)\n"
    assert message(error, "1.2") == shown
    assert message(EngineError(shown.decode()), "1.2") == shown


def test_an_exception_inside_a_body_is_framed_with_its_length_and_tag() -> None:
    block = exception_block(refusal(395, "X", "y"), "1.2", "tag")
    text = message(refusal(395, "X", "y"), "1.2")
    assert block == b"\r\n__exception__\r\ntag\r\n" + text + b"%d tag\r\n__exception__\r\n" % len(text)


@pytest.mark.parametrize(
    ("code", "status"), [(62, 400), (60, 404), (81, 404), (516, 403), (194, 401), (159, 408), (48, 501), (241, 500)]
)
def test_codes_have_the_status_of_a_server(code: int, status: int) -> None:
    assert http_status(code) == status


def test_an_exception_without_a_code_is_an_unknown_one() -> None:
    assert EngineError("something broke").status == 500
