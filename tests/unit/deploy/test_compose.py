"""docker-compose.yml starts the same servers as the local stack, with the same settings."""

import re
from importlib.metadata import version
from typing import Any

import pytest
import yaml

from deploy.local.jars import POM
from deploy.local.kafka import SETTINGS
from deploy.local.processes import ROOT


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_versions_are_those_of_the_local_stack(services: dict[str, Any]) -> None:
    found = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([\d.]+)</version>", POM.read_text())
    assert found is not None
    assert services["kafka"]["image"] == f"apache/kafka:{found[1]}"
    engine = ".".join(version("chdb-core").split(".")[:2])
    assert services["clickhouse"]["image"] == f"clickhouse/clickhouse-server:{engine}"


def test_kafka_s_settings_that_both_name_agree(services: dict[str, Any]) -> None:
    environment = services["kafka"]["environment"]
    named = {"KAFKA_" + name.upper().replace(".", "_"): value for name, value in SETTINGS.items()}
    both = environment.keys() & named.keys()
    assert {name: environment[name] for name in both if "LISTENER" not in name} == {
        name: named[name] for name in both if "LISTENER" not in name
    }
    assert {"KAFKA_AUTO_CREATE_TOPICS_ENABLE", "KAFKA_MESSAGE_MAX_BYTES", "KAFKA_LOG_MESSAGE_TIMESTAMP_TYPE"} <= both


def test_nothing_listens_beyond_this_machine(services: dict[str, Any]) -> None:
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
