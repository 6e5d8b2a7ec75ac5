"""A real Apache Kafka on this machine: one node, KRaft, started straight from its jars."""

import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGKILL

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.local import jars, java
from deploy.local.processes import LOOPBACK, ROOT, Daemon, StackError, free_port, require_free, spawn

MAX_MESSAGE = 4 * 1024 * 1024 + 512 * 1024
"""Dead letters carry 4 MB of raw bytes and their envelope."""

QUICK = ("-XX:TieredStopAtLevel=1",)
"""The quick compiler alone: on two cores the optimising one costs more in minutes than it gains in hours."""

SETTINGS: dict[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "12",
    "log.message.timestamp.type": "LogAppendTime",
    "log.retention.check.interval.ms": "60000",
    "message.max.bytes": str(MAX_MESSAGE),
    "replica.fetch.max.bytes": str(MAX_MESSAGE),
    # One broker: internal topics have one replica, and few partitions so that it starts soon.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    # A killed instance's transaction holds readers back until this sweep (10 s by default) aborts it.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "log.segment.bytes": str(64 * 1024 * 1024),
    # Index files are mapped at full size: hundreds of partitions would reserve gigabytes.
    "log.index.size.max.bytes": str(1024 * 1024),
    "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
    "log.cleaner.io.buffer.size": str(MAX_MESSAGE + 4096),
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
    # A restarted broker may not register before its predecessor's session is over (9 s by default).
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "metadata.log.segment.bytes": str(16 * 1024 * 1024),
}


class LocalKafka(Daemon):
    """One broker with its own data folder and port. What it holds survives stop(), kill() and a new start().

    >>> broker = LocalKafka(Path("/data"), port=19092)
    >>> broker.bootstrap
    '127.0.0.1:19092'
    """

    start_timeout = 90.0

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        cache: Path = ROOT / ".local" / "kafka",
        log: Path | None = None,
        heap_mb: int = 512,
        settings: Mapping[str, str] | None = None,
        jvm: Sequence[str] = QUICK,
    ) -> None:
        """`port` 0 takes a free one; `settings` are added to, or replace, the broker's; `jvm` are its JVM's flags."""
        self._broker_log = log or data_dir.with_suffix(".log")
        super().__init__("kafka", self._broker_log.with_suffix(".console"))
        self.port = port or free_port()
        self._data = data_dir
        self._cache = cache
        self._heap_mb = heap_mb
        self._settings = dict(settings or {})
        self._jvm = tuple(jvm)
        self._new_archive: Path | None = None
        self._admin: AdminClient | None = None
        self._coordinates = False

    @property
    def bootstrap(self) -> str:
        """host:port for KAFKA_BOOTSTRAP_SERVERS."""
        return f"{LOOPBACK}:{self.port}"

    def launch(self) -> None:
        """Format the storage when it is new, and start the broker."""
        require_free(self.port, "Kafka", "KAFKA_PORT")
        properties = self._write_properties()
        if not (self._data / "meta.properties").exists():
            self._format(properties)
        self._coordinates = False
        command = self._java("kafka.Kafka", str(properties), archive_at_exit=True)
        self._process = spawn(command, self.log)

    def answers(self) -> bool:
        """Whether the broker answers now, its group coordinator included; waits for that at most a second or so."""
        client = {"bootstrap.servers": self.bootstrap, "log_level": 0, "reconnect.backoff.ms": 20}
        client["reconnect.backoff.max.ms"] = 100
        if self._admin is None:
            self._admin = AdminClient(client)
        try:
            if not self._admin.list_topics(timeout=0.2).brokers:
                return False
            if not self._coordinates:
                # Asking makes the broker create its offsets topic: the first consumer would wait seconds for it.
                consumer = Consumer({**client, "group.id": "-", "retry.backoff.ms": 50})
                consumer.committed([TopicPartition("-", 0)], timeout=1.0)
                consumer.close()
                self._coordinates = True
            return True
        except KafkaException:
            return False

    def join(self) -> None:
        """Wait for its end. The first clean end leaves an archive of loaded classes, which halves later starts."""
        super().join()
        fresh, self._new_archive = self._new_archive, None
        if fresh is not None and fresh.exists():
            if self.exit_code == -SIGKILL:
                fresh.unlink()  # perhaps half written
            else:
                fresh.replace(self._archive)

    @property
    def _archive(self) -> Path:
        return self._cache.absolute() / f"classes-{jars.version()}.jsa"

    def _java(self, main: str, *args: str, archive_at_exit: bool = False) -> list[str]:
        classpath = ":".join(str(path) for path in jars.resolve(self._cache))
        sharing = []
        if self._archive.exists():  # an archive of another Java is ignored by it
            sharing = [f"-XX:SharedArchiveFile={self._archive}"]
        elif archive_at_exit:
            self._new_archive = self._archive.with_suffix(f".{uuid.uuid4().hex}")
            sharing = [f"-XX:ArchiveClassesAtExit={self._new_archive}"]
        return [
            java.java(),
            f"-Xmx{self._heap_mb}m",
            "-Xms64m",
            "-Xlog:disable",
            "-XX:+ExitOnOutOfMemoryError",
            *sharing,
            *self._jvm,
            f"-Dkafka.log={self._broker_log.absolute()}",
            f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.xml')}",
            "-cp",
            classpath,
            main,
            *args,
        ]

    def _write_properties(self) -> Path:
        controller = f"{LOOPBACK}:{free_port()}"
        settings = {
            **SETTINGS,
            "log.dirs": str(self._data.absolute()),
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@{controller}",
            **self._settings,
        }
        self._data.parent.mkdir(parents=True, exist_ok=True)
        path = self._data.with_suffix(".properties")
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
        return path

    def _format(self, properties: Path) -> None:
        random = uuid.uuid4().bytes
        # an id that began with a hyphen would be taken for an option
        cluster = urlsafe_b64encode(bytes([random[0] & 0x7F]) + random[1:]).decode().rstrip("=")
        format_storage = [
            "kafka.tools.StorageTool",
            "format",
            "--ignore-formatted",
            "-t",
            cluster,
            "-c",
            str(properties),
        ]
        done = subprocess.run(self._java(*format_storage), capture_output=True, text=True, check=False)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise StackError(f"Kafka's storage at {self._data} cannot be formatted: {lines[-1] if lines else '?'}")
