"""Logs are JSON lines, and no value of a record gets into them by way of an exception."""

import json
import logging

from services.runtime.errors import SettingsError
from services.runtime.logs import JsonFormatter

NUMBER = "08031234567"


def _line(error: BaseException | None = None, name: str = "services.cleaner", **fields: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": name, "levelno": logging.ERROR, "levelname": "ERROR", **fields})
    if error is not None:
        try:
            raise error
        except type(error) as caught:
            record.exc_info = (type(caught), caught, caught.__traceback__)
    parsed: dict[str, object] = json.loads(JsonFormatter("cleaner").format(record))
    return parsed


def test_a_line_says_when_who_and_what() -> None:
    line = _line(msg="batch put back", partition=3)
    assert (line["level"], line["service"], line["message"], line["partition"]) == (
        "error",
        "cleaner",
        "batch put back",
        3,
    )
    assert str(line["at"]).endswith("+00:00")


def test_an_exception_of_a_library_is_told_by_type_and_place_alone() -> None:
    line = _line(ValueError(f"invalid literal {NUMBER}"), msg="failed")
    assert NUMBER not in json.dumps(line)
    assert line["exception"]["type"] == "builtins.ValueError"  # type: ignore[index]
    assert any("test_logs.py" in place for place in line["exception"]["at"])  # type: ignore[index]


def test_an_exception_of_ours_is_told_with_its_message() -> None:
    line = _line(SettingsError("ID_KEY_FILE: cannot read it"), msg="failed")
    assert line["exception"]["message"] == "ID_KEY_FILE: cannot read it"  # type: ignore[index]


def test_the_cause_is_told_without_its_message() -> None:
    error = SettingsError("wrong")
    error.__cause__ = ValueError(NUMBER)
    line = _line(error, msg="failed")
    assert line["exception"]["cause"]["type"] == "builtins.ValueError"  # type: ignore[index]
    assert NUMBER not in json.dumps(line)


def test_a_library_that_puts_an_exception_into_its_message_is_cut_short() -> None:
    line = _line(name="aiokafka.consumer", msg="cannot decode: %s", args=(ValueError(NUMBER),))
    assert line["message"] == "cannot decode: ValueError"


def test_fields_that_are_no_json_are_told_by_type() -> None:
    assert _line(msg="x", thing=object())["thing"] == "object"
