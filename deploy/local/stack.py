"""A whole local stack: Kafka, ClickHouse and services as child processes, watched, in one folder, on its own ports."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from deploy.local import secrets, tansu
from deploy.local.clickhouse.server import LocalClickHouse
from deploy.local.kafka import LocalKafka
from deploy.local.processes import LOOPBACK, Daemon, StackError, await_all, free_port, spawn, tail
from deploy.local.services import BY_NAME, SERVICES, ServiceProcess
from deploy.local.settings import Ports, StackSettings
from deploy.local.tansu import LocalTansu
from deploy.local.watch import Watch
from services.runtime import topics
from services.runtime.settings import KafkaSettings, load

SERVERS = ("kafka", "clickhouse")
PARTS = (*SERVERS, *BY_NAME)
"""Everything that a stack can run, in the order of starting."""


class Stack:
    """One stack. Stacks with folders and ports of their own run side by side.

    >>> with Stack(tmp, parts=["kafka", "clickhouse", "sink"], ports=Ports.free()) as stack:  # doctest: +SKIP
    ...     stack.env["KAFKA_BOOTSTRAP_SERVERS"], stack.url("sink")
    ...     stack.kill("sink")  # it is started again
    ...     stack.wait_ready()

    Every process dies with the process that made the stack.
    """

    def __init__(
        self,
        root: Path,
        *,
        parts: Iterable[str] = PARTS,
        ports: Ports | None = None,
        env: Mapping[str, str] | None = None,
        settings: StackSettings | None = None,
        restart: bool = True,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`env` is given to every service; `restart` starts again what dies; `say` is told what becomes ready."""
        self.root = root.absolute()
        self.ports = ports or load(Ports)
        self._settings = settings or load(StackSettings)
        self._wanted = _checked(parts)
        self._extra = dict(env or {})
        self._say = say
        self._daemons: dict[str, Daemon] = {}
        self._halted: set[str] = set()
        self._ready: set[str] = set()
        self._watch = Watch(enabled=restart, log=self.root / "logs" / "supervisor.log")
        self.env = self._environment()

    @property
    def given(self) -> list[str]:
        """Servers that are used instead of the stack's own."""
        settings = {"kafka": self._settings.kafka_bootstrap_servers, "clickhouse": self._settings.clickhouse_url}
        return [name for name, address in settings.items() if address]

    def _environment(self) -> dict[str, str]:
        kafka = self._settings.kafka_bootstrap_servers or f"{LOOPBACK}:{self.ports.kafka_port}"
        clickhouse = self._settings.clickhouse_url or f"http://{LOOPBACK}:{self.ports.clickhouse_port}"
        return {
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "CLICKHOUSE_URL": clickhouse,
            **secrets.ensure(self.root / "secrets"),
            "DATA_DIR": str(self.root / "data"),
            "METRICS_HOST": LOOPBACK,
            **{spec.http_setting: str(self.ports.of(spec.http_setting)) for spec in SERVICES if spec.http_setting},
            **self._extra,
        }

    def start(self) -> Self:
        """Start what is wanted and return when all of it answers; StackError with the reason otherwise."""
        try:
            self.ensure(self._wanted)
        except BaseException:
            self.stop()
            raise
        return self

    def ensure(self, parts: Iterable[str]) -> None:
        """Start those of the parts that do not run yet and wait until all are ready."""
        wanted = _checked(parts)
        servers = [self._server(name) for name in wanted if name in SERVERS and name not in self._daemons]
        services = [self._service(name) for name in wanted if name in BY_NAME and name not in self._daemons]
        self._launch([server for server in servers if server is not None])
        if services:
            # Migrations need ClickHouse only: they run while Kafka starts.
            self._await("clickhouse")
            waits = [self._prepare(command) for command in dict.fromkeys(each.spec.prepare for each in services)]
            self._await("kafka")
            topics.ensure(self.kafka_settings())
            self._launch([service for service in services if not service.spec.prepare])
            for wait in waits:
                wait()
            self._launch([service for service in services if service.spec.prepare])
        await_all([daemon for daemon in self.daemons() if daemon.name not in self._ready], self._note_ready)
        self.wait_ready()

    def add(self, service: str, instance: int) -> str:
        """Start another instance of a service and wait until it is ready; its name, e.g. cleaner-1."""
        name = f"{service}-{instance}"
        spec = BY_NAME[service]
        port = free_port()
        env = {**self.env, "INSTANCE": str(instance), "METRICS_PORT": str(port)}
        if spec.http_setting:
            env |= {spec.http_setting: str(port), "METRICS_PORT": str(free_port())}
        self._launch([ServiceProcess(name, spec, env, port, self._log(name))])
        await_all([self._daemons[name]], self._note_ready)
        return name

    def stop(self) -> None:
        """End everything gracefully: services first, then ClickHouse and Kafka."""
        self._watch.end()
        servers = [daemon for name, daemon in self._daemons.items() if name in SERVERS]
        services = [daemon for name, daemon in self._daemons.items() if name not in SERVERS]
        for group in (list(reversed(services)), list(reversed(servers))):
            for daemon in group:
                daemon.terminate()
            for daemon in group:
                daemon.join()

    def daemon(self, name: str) -> Daemon:
        """The process of a part, to look at its pid or to send it signals."""
        if name not in self._daemons:
            raise StackError(f"{name} does not run in this stack; it runs {', '.join(self._daemons) or 'nothing'}")
        return self._daemons[name]

    def daemons(self) -> list[Daemon]:
        """All processes, in the order in which they were started."""
        return list(self._daemons.values())

    def restarts(self, name: str) -> int:
        """How often a part died and was started again."""
        return self._watch.restarts(name)

    def url(self, name: str) -> str:
        """Base URL of a part that speaks HTTP: of a service, where it answers health, metrics and its own paths."""
        if name == "clickhouse":
            return self.env["CLICKHOUSE_URL"]
        daemon = self.daemon(name)
        if not isinstance(daemon, ServiceProcess):
            raise StackError(f"{name} does not speak HTTP")
        return daemon.url

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash would. With `restart`, the part is started again."""
        self.daemon(name).kill()

    def halt(self, name: str) -> None:
        """Stop one part gracefully and leave it stopped until resume()."""
        self._watch.leave(self.daemon(name))
        self._halted.add(name)
        self.daemon(name).stop()

    def resume(self, name: str) -> None:
        """Start a halted or dead part again and wait until it is ready."""
        daemon = self.daemon(name)
        self._halted.discard(name)
        daemon.start()
        self._watch.add(daemon)

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Wait until all parts answer, those included that are being started again, those that were halted not."""
        for daemon in self.daemons():
            if daemon.name not in self._halted:
                self._watch.wait(daemon, timeout)

    def kafka_settings(self) -> KafkaSettings:
        """Settings of this stack's Kafka, for clients in this process."""
        merged = {**os.environ, **self.env}
        names = {name: name.upper() for name in KafkaSettings.model_fields}
        return KafkaSettings(**{name: merged[env] for name, env in names.items() if env in merged})  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _server(self, name: str) -> Daemon | None:
        """A server of this stack's own; None where one is given."""
        if name in self.given:
            return None
        data, cache = self.root / "data", self._settings.stack_root / "kafka"
        if name == "kafka":
            if reason := tansu.needed(cache):
                self._say(f"kafka's place is taken by Tansu, which keeps records in memory only: {reason}")
                return LocalTansu(self.ports.kafka_port, cache, self._log(name))
            heap = self._settings.kafka_heap_mb
            return LocalKafka(data / "kafka", self.ports.kafka_port, cache=cache, log=self._log(name), heap_mb=heap)
        return LocalClickHouse(
            data / "clickhouse",
            self.ports.clickhouse_port,
            log=self._log(name),
            memory_mb=self._settings.clickhouse_memory_mb,
            threads=self._settings.clickhouse_threads,
        )

    def _service(self, name: str) -> ServiceProcess:
        spec = BY_NAME[name]
        env = {**self.env, "METRICS_PORT": str(self.ports.of(spec.metrics_setting))}
        return ServiceProcess(name, spec, env, self.ports.of(spec.probe_setting), self._log(name))

    def _launch(self, daemons: Sequence[Daemon]) -> None:
        for daemon in daemons:
            self._daemons[daemon.name] = daemon
            daemon.launch()

    def _await(self, name: str) -> None:
        """Wait for a server, if this stack runs it."""
        if name in self._daemons and name not in self._ready:
            await_all([self._daemons[name]], self._note_ready)

    def _note_ready(self, name: str) -> None:
        self._ready.add(name)
        self._watch.add(self._daemons[name])
        self._say(name)

    def _prepare(self, command: tuple[str, ...]) -> Callable[[], None]:
        """Start what must run before some services; a function that waits for its end."""
        if not command:
            return lambda: None
        log = self._log("prepare")
        process = spawn([sys.executable, *command], log, {**os.environ, **self.env})

        def wait() -> None:
            if process.wait():
                raise StackError(f"python {' '.join(command)} failed: {tail(log)}")

        return wait

    def _log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"


def _checked(parts: Iterable[str]) -> list[str]:
    """The parts in the order of starting; StackError for one that does not exist."""
    wanted = set(parts)
    if unknown := sorted(wanted - set(PARTS)):
        raise StackError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return [part for part in PARTS if part in wanted]
