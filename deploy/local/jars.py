"""Kafka's jars: fetched once through Maven, checked against jars.sha256, kept under .local/kafka."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import java
from deploy.local.processes import StackError

_HERE = Path(__file__).parent
POM = _HERE / "pom.xml"
CHECKSUMS = _HERE / "jars.sha256"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


def resolve(cache: Path) -> list[Path]:
    """All jars of the local Kafka, sorted; Maven is called only when the folder of this pom.xml is not there yet."""
    cache = cache.absolute()  # Maven takes relative paths from the folder of the pom.xml
    folder = cache / version()
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache / "lock"):
            if not folder.exists():
                _fetch(cache, folder)
    return sorted(folder.glob("*.jar"))


def present(cache: Path) -> bool:
    """Whether the jars were fetched already."""
    return (cache / version()).exists()


def version() -> str:
    """Changes when any jar does."""
    return hashlib.sha256(POM.read_bytes() + CHECKSUMS.read_bytes()).hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes; it is let go when this process ends, however that comes about."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(cache: Path, folder: Path) -> None:
    print("fetching Kafka through Maven (once, some 45 MB)", file=sys.stderr, flush=True)
    fresh = cache / "incoming"
    shutil.rmtree(fresh, ignore_errors=True)
    command = [java.maven(), "-B", "-q", "-C", "-f", str(POM), f"-Dmaven.repo.local={cache / 'm2'}", _COPY]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        plain = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)
        shown = " | ".join([line for line in plain.splitlines() if "ERROR" in line][:2])
        raise StackError(f"Maven could not fetch Kafka's jars (is the network there?): {shown[:600]}")
    _verify(fresh)
    fresh.rename(folder)


def _verify(folder: Path) -> None:
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    lines = CHECKSUMS.read_text(encoding="ascii").splitlines()
    expected = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    if found != expected:
        wrong = sorted(name for name in found | expected if found.get(name) != expected.get(name))
        raise StackError(f"jars differ from {CHECKSUMS.name}: {', '.join(wrong)}; nothing was installed")
