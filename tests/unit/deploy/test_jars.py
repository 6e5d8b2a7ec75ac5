"""Jars are fetched once, and only as the checksums say."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.local import jars
from deploy.local.processes import StackError


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Stands in for Maven: copies one jar. What it was called with."""
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        folder = Path(next(arg for arg in command if arg.startswith("-DoutputDirectory=")).partition("=")[2])
        folder.mkdir(parents=True)
        (folder / "kafka.jar").write_bytes(b"a jar")
        return subprocess.CompletedProcess(command, 0, "", "")

    checksums = tmp_path / "jars.sha256"
    checksums.write_text(f"{hashlib.sha256(b'a jar').hexdigest()}  kafka.jar\n")
    monkeypatch.setattr(jars, "CHECKSUMS", checksums)
    monkeypatch.setattr(jars.java, "maven", lambda: "mvn")
    monkeypatch.setattr(jars.subprocess, "run", run)
    return calls


def test_a_second_start_does_not_call_maven(maven: list[list[str]], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = jars.resolve(cache)
    assert [path.name for path in first] == ["kafka.jar"]
    assert jars.resolve(cache) == first
    assert len(maven) == 1


def test_another_list_of_jars_is_fetched_anew(maven: list[list[str]], tmp_path: Path) -> None:
    jars.resolve(tmp_path / "cache")
    jars.CHECKSUMS.write_text(jars.CHECKSUMS.read_text() + "\n")
    with pytest.raises(StackError):
        jars.resolve(tmp_path / "cache")
    assert len(maven) == 2


def test_a_jar_that_differs_is_not_installed(maven: list[list[str]], tmp_path: Path) -> None:
    jars.CHECKSUMS.write_text(f"{'0' * 64}  kafka.jar\n{'0' * 64}  missing.jar\n")
    for _ in range(2):
        with pytest.raises(StackError, match=r"jars differ from jars.sha256: kafka.jar, missing.jar"):
            jars.resolve(tmp_path / "cache")
    assert len(maven) == 2


def test_maven_s_failure_is_one_line(monkeypatch: pytest.MonkeyPatch, maven: list[list[str]], tmp_path: Path) -> None:
    failed = subprocess.CompletedProcess(["mvn"], 1, "[INFO] x\n[ERROR] no such artifact\n[ERROR] more\n", "")
    monkeypatch.setattr(jars.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(StackError, match=r"could not fetch .*: \[ERROR\] no such artifact \| \[ERROR\] more$"):
        jars.resolve(tmp_path / "cache")


def test_the_shipped_checksums_name_one_jar_each() -> None:
    lines = (Path(jars.__file__).with_name("jars.sha256")).read_text().splitlines()
    names = [line.split("  ")[1] for line in lines]
    assert len(names) == len(set(names)) > 40
    assert any(name.startswith("kafka_2.13-4.") for name in names)
