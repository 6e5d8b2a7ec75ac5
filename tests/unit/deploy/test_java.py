"""Java and Maven are found, installed where that is allowed, or asked for in one line."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.local import java
from deploy.local.java import JavaMissing


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose programs lie in one folder, empty at first."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java.os, "geteuid", lambda: 1000)
    return tmp_path


def _program(path: Path, output: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{output}\n")
    path.chmod(0o755)
    return path


def _java(path: Path, version: str) -> str:
    return str(_program(path, f"echo 'openjdk version \"{version}\" 2025-01-01' >&2"))


@pytest.mark.parametrize(("version", "good"), [("17.0.1", True), ("21", True), ("11.0.2", False), ("1.8.0_1", False)])
def test_java_must_be_new_enough(machine: Path, version: str, good: bool) -> None:
    path = _java(machine / "java", version)
    assert java.find_java() == (path if good else None)


def test_java_home_comes_first_unless_it_is_too_old(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fallback = _java(machine / "java", "21")
    home = _java(machine / "home" / "bin" / "java", "17.0.9")
    monkeypatch.setenv("JAVA_HOME", str(machine / "home"))
    assert java.java() == home
    _java(machine / "home" / "bin" / "java", "11")
    assert java.java() == fallback


def test_without_java_one_line_says_what_to_run(machine: Path) -> None:
    with pytest.raises(JavaMissing, match="apt-get install openjdk-17-jre-headless") as missing:
        java.java()
    assert "KAFKA_BOOTSTRAP_SERVERS" in str(missing.value)
    assert "\n" not in str(missing.value)
    with pytest.raises(JavaMissing, match="Maven is needed"):
        java.maven()


def test_as_root_on_debian_it_is_installed(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(machine / "apt-get", "exit 0")
    monkeypatch.setattr(java.os, "geteuid", lambda: 0)
    installed: list[str] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        if "install" in command:
            installed.append(command[-1])
            if command[-1] == "openjdk-17-jre-headless":  # as on Debian 13, which has a later one
                return subprocess.CompletedProcess(command, 100)
            _java(machine / "java", "21")
        return subprocess.CompletedProcess(command, 0, "", 'openjdk version "21"')

    monkeypatch.setattr(java.subprocess, "run", run)
    assert java.java() == str(machine / "java")
    assert installed == ["openjdk-17-jre-headless", "default-jre-headless"]
