"""The examples of docs/sources.md work as they stand."""

import re
import types
from pathlib import Path

import pytest

from services.ingest_sms import mapping
from services.ingest_sms.settings import IngestSmsSettings, SmppSettings
from tests.unit.ingest_sms.requests import NOW, form, json_request

PAGE = (Path(__file__).parents[3] / "docs" / "sources.md").read_text(encoding="utf-8")


def code(after: str, language: str) -> str:
    """The first block of a language after a text."""
    match = re.search(rf"{re.escape(after)}.*?```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    return match[1]


def test_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(code("<!-- example: mapping -->", "yaml"))
    gateway = mapping.gateway_of(mapping.load(tmp_path / "acme.yaml"))
    item = {
        "id": 1,
        "msisdn": "0803",
        "content": {"body": "hi"},
        "ts": "02/03/2026 07:04:45",
        "operator": {"code": "1"},
    }
    [message] = gateway.parse(json_request({"data": {"messages": [item, {"type": "dlr"}]}}), 5).messages
    assert (message["gateway"], message["sender"], message["sent_at"]) == ("acme", "0803", NOW)


def test_the_gateway_in_code() -> None:
    module = types.ModuleType("acme")
    exec(compile(code("### A gateway in code", "python"), "acme.py", "exec"), module.__dict__)  # noqa: S102
    [message] = module.GATEWAY.parse(form(module.GATEWAY.example.body), NOW).messages
    assert (message["sender"], message["text"], message["sent_at"]) == ("08031234567", "no network", NOW)
    assert module.GATEWAY.parse(form("report=1"), NOW).ignored == {"delivery_receipt": 1}


def test_the_producer_is_python() -> None:
    compile(code("## Producers that write to Kafka", "python"), "producer.py", "exec")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([A-Z][A-Z_]+_(?:FILES?|URL|SECONDS|NAMES))`", PAGE))))
def test_settings_that_it_names_exist(name: str) -> None:
    social = {"META_APP_SECRET_FILE", "META_VERIFY_TOKEN_FILE", "X_CONSUMER_SECRET_FILE", "X_BEARER_TOKEN_FILE",
              "SOCIAL_FEEDS_FILE"}  # fmt: skip
    known = IngestSmsSettings.model_fields.keys() | SmppSettings.model_fields.keys()
    assert name.lower() in known or name in social
