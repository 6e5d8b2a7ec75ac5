"""Settings: defaults, security passed through, one clear line for a wrong one."""

import base64
import json
from pathlib import Path

import pytest

from services.runtime.errors import SettingsError
from services.runtime.settings import ServiceSettings, load


def test_security_settings_are_handed_to_librdkafka_under_their_own_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("geheim\n")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "sasl_ssl")
    monkeypatch.setenv("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD_FILE", str(secret))
    monkeypatch.setenv("KAFKA_SSL_CA_LOCATION", "/ca.pem")
    assert ServiceSettings().librdkafka() == {
        "bootstrap.servers": "127.0.0.1:9092",
        "security.protocol": "sasl_ssl",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.password": "geheim",
        "ssl.ca.location": "/ca.pem",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("METRICS_PORT", "http"), ("TOPIC_PREFIX", "a b"), ("BATCH_LANE_SHARE", "2"), ("LOG_LEVEL", "x")],
)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(ServiceSettings)
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert name in line


def test_a_topic_is_prefixed_and_its_logical_name_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOPIC_PREFIX", "replay-3.")
    settings = ServiceSettings()
    assert settings.topic("bronze.batch") == "replay-3.bronze.batch"
    assert settings.logical("replay-3.bronze.batch") == "bronze.batch"


def _keys(tmp_path: Path, text: str) -> ServiceSettings:
    path = tmp_path / "keys.json"
    path.write_text(text)
    return ServiceSettings(pseudonym_keys_file=path)


def test_pseudonym_keys_are_read_with_their_versions(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(32)).decode()
    entries = [
        {"version": 2, "valid_from": "2026-06-01T00:00:00Z", "key": key},
        {"version": 1, "valid_from": "2020-01-01T00:00:00Z", "key": key},
    ]
    assert _keys(tmp_path, json.dumps({"keys": entries})).pseudonym_keys().versions == (1, 2)


@pytest.mark.parametrize("text", ["", "[]", '{"keys":[{"version":1}]}', '{"keys":[]}'])
def test_a_wrong_key_file_is_told_without_its_content(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="PSEUDONYM_KEYS_FILE"):
        _keys(tmp_path, text).pseudonym_keys()


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ID_KEY_FILE: cannot read"):
        ServiceSettings(id_key_file=tmp_path / "none").id_key()
