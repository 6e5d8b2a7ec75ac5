"""A request's parameters go where they belong."""

import base64

import pytest

from deploy.local.clickhouse.errors import EngineError
from deploy.local.clickhouse.request import Request, parse


def _parse(query: str = "", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return parse("POST", query.encode(), named)


def test_settings_parameters_and_options_are_told_apart() -> None:
    request = _parse("query=SELECT+1&max_threads=3&param_a=%27x%27&database=d&wait_end_of_query=1&session_id=s")
    assert request.query == b"SELECT 1"
    assert request.settings == {"max_threads": "3"}
    assert request.params == {"a": "'x'"}
    assert (request.database, request.session_id, request.flag("wait_end_of_query")) == ("d", "s", True)


def test_bytes_that_are_no_utf8_reach_the_query_unchanged() -> None:
    assert _parse("query=INSERT+INTO+t+VALUES+%28%27%ff%27%29").query == b"INSERT INTO t VALUES ('\xff')"


def test_defaults_come_from_headers() -> None:
    request = _parse(X_ClickHouse_Database="d", X_ClickHouse_Format="JSON")
    assert (request.database, request.default_format) == ("d", "JSON")
    assert _parse("default_format=CSV", X_ClickHouse_Format="JSON").default_format == "CSV"
    assert _parse().default_format == "TabSeparated"


def test_a_query_id_is_kept_or_made() -> None:
    assert _parse("query_id=mine").query_id == "mine"
    assert _parse().query_id != _parse().query_id


@pytest.mark.parametrize("name", ["a b", "a;b", "a'", "x=y"])
def test_a_setting_that_is_no_name_never_reaches_the_engine(name: str) -> None:
    with pytest.raises(EngineError, match="115"):
        _parse(f"{name.replace(';', '%3B').replace('=', '%3D').replace(' ', '+')}=1")


@pytest.mark.parametrize("text", ["0", "-1", "3601", "soon"])
def test_a_session_timeout_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="374"):
        _ = _parse(f"session_timeout={text}").session_timeout


def test_compression_is_negotiated_only_when_switched_on() -> None:
    assert _parse(Accept_Encoding="gzip").accept_encoding == ""
    assert _parse("enable_http_compression=1", Accept_Encoding="gzip").accept_encoding == "gzip"


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "request_",
    [
        _parse(Authorization=_basic("default:pass")),
        _parse("user=default&password=pass"),
        _parse(X_ClickHouse_User="default", X_ClickHouse_Key="pass"),
    ],
)
def test_the_default_user_gets_in_with_the_password(request_: Request) -> None:
    request_.authenticate("pass")
    with pytest.raises(EngineError, match="516"):
        request_.authenticate("other")


def test_strangers_and_broken_credentials_stay_out() -> None:
    for request in (_parse(Authorization=_basic("somebody:")), _parse(Authorization="Basic %%%"), _parse("user=x")):
        with pytest.raises(EngineError, match="516") as refused:
            request.authenticate("")
        assert refused.value.status == 403
