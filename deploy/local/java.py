"""Java and Maven: found, or installed from Debian's packages, or asked for in one line."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.processes import StackError

MIN_JAVA = 17
_JAVA_PACKAGES = ("openjdk-17-jre-headless", "default-jre-headless")


class JavaMissing(StackError):
    """Neither found nor to be had here."""


def java() -> str:
    """Path of a Java of version 17 or later; JavaMissing when there is none and it cannot be installed."""
    return _find(find_java, "Java 17", _JAVA_PACKAGES)


def maven() -> str:
    """Path of Maven's command; JavaMissing when there is none and it cannot be installed."""
    return _find(find_maven, "Maven", ("maven",))


def find_java() -> str | None:
    """Path of a Java of version 17 or later: $JAVA_HOME's, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    for candidate in (str(Path(home, "bin", "java")) if home else None, shutil.which("java")):
        if candidate and Path(candidate).exists() and _version(candidate) >= MIN_JAVA:
            return candidate
    return None


def find_maven() -> str | None:
    """Path of mvn on the path."""
    return shutil.which("mvn")


def _version(path: str) -> int:
    shown = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', shown)
    return int(found[1]) if found else 0


def _find(find: Callable[[], str | None], what: str, packages: tuple[str, ...]) -> str:
    path = find()
    if path is None and _may_install():
        _install(what, packages)
        path = find()
    if path is None:
        raise JavaMissing(
            f"{what} is needed for the local Kafka: run 'apt-get install {packages[0]} maven' as root "
            "(macOS: 'brew install openjdk@17 maven'), or set KAFKA_BOOTSTRAP_SERVERS to a Kafka of yours"
        )
    return path


def _may_install() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(what: str, packages: tuple[str, ...]) -> None:
    """Install the first of the packages that this Debian has."""
    print(f"installing {what} from the system's packages", file=sys.stderr, flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", "update"], env=env, check=False, stdout=subprocess.DEVNULL)
    for package in packages:
        command = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", package]
        if subprocess.run(command, env=env, check=False, stdout=subprocess.DEVNULL).returncode == 0:
            return
