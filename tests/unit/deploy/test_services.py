"""The table of services and the settings of the stack agree."""

from pathlib import Path

import pytest

from deploy.local.processes import StackError
from deploy.local.services import SERVICES
from deploy.local.settings import Ports
from deploy.local.stack import PARTS, Stack


def test_every_port_of_a_service_is_moved_by_a_setting_of_its_own() -> None:
    settings = [s for spec in SERVICES for s in (spec.metrics_setting, spec.http_setting) if s]
    assert len(set(settings)) == len(settings)
    ports = Ports()
    assert len({ports.of(setting) for setting in settings}) == len(settings)


def test_free_ports_differ_from_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = Ports.free().model_dump()
    assert len(set(ports.values())) == len(ports)


def test_a_port_is_moved_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PORT", "19092")
    assert Ports().of("KAFKA_PORT") == 19092


def test_services_are_told_where_everything_is(tmp_path: Path) -> None:
    ports = Ports.free()
    stack = Stack(tmp_path, parts=[], ports=ports, env={"LOG_LEVEL": "DEBUG"})
    assert stack.env["KAFKA_BOOTSTRAP_SERVERS"] == f"127.0.0.1:{ports.kafka_port}"
    assert stack.env["INGEST_SMS_PORT"] == str(ports.ingest_sms_port)
    assert stack.env["LOG_LEVEL"] == "DEBUG"
    assert stack.kafka_settings().kafka_bootstrap_servers == stack.env["KAFKA_BOOTSTRAP_SERVERS"]


def test_servers_that_are_given_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9092")
    monkeypatch.setenv("CLICKHOUSE_URL", "http://warehouse:8123")
    with Stack(tmp_path, parts=["kafka", "clickhouse"]) as stack:
        assert stack.daemons() == []
        assert stack.env["KAFKA_BOOTSTRAP_SERVERS"] == "broker:9092"
        assert stack.url("clickhouse") == "http://warehouse:8123"


def test_a_part_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=f"no part kafak; there are {PARTS[0]}"):
        Stack(tmp_path, parts=["kafak"])
    with pytest.raises(StackError, match="sink does not run in this stack; it runs nothing"):
        Stack(tmp_path, parts=[]).kill("sink")
