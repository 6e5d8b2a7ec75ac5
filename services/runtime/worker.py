"""Hosts a stage in a Faust worker: Faust gives the process, supervision, timers and agents; the stage moves records.

Faust's own delivery loses and doubles records (docs/decisions): no record of the hot path passes through its streams.
"""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import faust
from mode import Service

from services.runtime import health as health_module
from services.runtime import logs
from services.runtime.health import Health
from services.runtime.settings import ServiceSettings
from services.runtime.stage import Stage
from services.runtime.stage_thread import StageThread


class StageHost(Service):  # type: ignore[misc]  # mode ships no types that mypy follows
    """A Faust service that runs one stage in a thread and crashes the worker when the stage ends by itself."""

    def __init__(self, build: Callable[[], Stage], service: str, level: str) -> None:
        super().__init__()
        self._build = build
        self._service = service
        self._level = level
        self._ended = asyncio.Event()
        self._stage: StageThread | None = None

    async def on_start(self) -> None:
        """Start the thread."""
        logs.configure(self._service, self._level)  # Faust's own set-up keeps only warnings
        self._stage = StageThread(self._build, self._ended.set, f"stage-{self._service}")
        self._stage.start()
        self.add_future(self._watch(self._stage))

    async def _watch(self, stage: StageThread) -> None:
        await self._ended.wait()
        await self.crash(stage.failure or RuntimeError("the stage ended"))

    async def on_stop(self) -> None:
        """Finish or abort the batch, commit, leave the group."""
        if self._stage is not None:
            await self._stage.stop()


def faust_app(service: str, settings: ServiceSettings, data: Path) -> faust.App:
    """A Faust application named <service>-faust, the group of its own streams, that reaches the same broker."""
    data.mkdir(parents=True, exist_ok=True)
    return faust.App(
        settings.topic(f"{service}-faust"),
        broker=[f"kafka://{server.strip()}" for server in settings.kafka_bootstrap_servers.split(",")],
        broker_credentials=credentials(settings),
        datadir=str(data),
        web_enabled=False,
        topic_partitions=1,
        topic_replication_factor=settings.topic_replication,
        topic_allow_declare=True,
        # a killed worker must not keep its partitions for Faust's default of a minute
        broker_session_timeout=settings.session_timeout_ms / 1000,
        broker_heartbeat_interval=settings.session_timeout_ms / 4000,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        loghandlers=[],
        logging_config=logs.dictionary(service, settings.log_level),
    )


def credentials(settings: ServiceSettings) -> object:
    """Faust's form of the security settings; None for a plain broker."""
    config = settings.librdkafka()
    protocol = str(config["security.protocol"]).lower()
    if protocol == "plaintext":
        return None
    context = None
    if "ssl" in protocol:
        context = ssl.create_default_context(cafile=config.get("ssl.ca.location"))
        if "ssl.certificate.location" in config:
            context.load_cert_chain(config["ssl.certificate.location"], config.get("ssl.key.location"))
    if "sasl" not in protocol:
        return faust.SSLCredentials(context=context)
    return faust.SASLCredentials(
        mechanism=config.get("sasl.mechanism") or config.get("sasl.mechanisms") or "SCRAM-SHA-512",
        username=config.get("sasl.username"),
        password=config.get("sasl.password"),
        ssl_context=context,
    )


def host(app: faust.App, service: str, settings: ServiceSettings, build: Callable[[Health], Stage]) -> Health:
    """Attach a stage and the health server to a Faust application."""
    health = Health()
    health.expect("worker")

    def built() -> Stage:
        stage = build(health)  # expects its own part before the worker's is done: never ready too early
        health.done("worker")
        return stage

    @app.service
    class Hosted(StageHost):
        def __init__(self, *_: object, **__: object) -> None:
            super().__init__(built, service, settings.log_level)

    @app.on_before_configured.connect  # type: ignore[untyped-decorator]
    def _serve(*_: object, **__: object) -> None:
        health_module.serve(health, settings)

    return health


def run(app: faust.App, level: str = "error") -> int:
    """Run the worker of an application in this process: what `python -m services.<name>` does."""
    faust.Worker(app, loglevel=level, quiet=True, redirect_stdouts=False).execute_from_commandline()
    return 0
