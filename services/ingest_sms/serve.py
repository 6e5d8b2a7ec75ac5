"""The process: the HTTP application, and beside it the stage over ingest.sms and ingest.status in a thread."""

import asyncio
import contextlib
import logging
import signal
import threading
from typing import Final

import uvloop

from services.ingest_sms import app
from services.ingest_sms.handler import SPEC, TICK_HEADER, SmsHandler
from services.ingest_sms.settings import IngestSmsSettings
from services.runtime import health as health_server
from services.runtime import kafka, logs, web
from services.runtime.codec import codec_of
from services.runtime.errors import SettingsError
from services.runtime.health import Health
from services.runtime.publish import Publisher
from services.runtime.settings import load, stop
from services.runtime.stage import Stage

SERVICE: Final = "ingest-sms"
STOP_SECONDS: Final = 25.0
TICK_SECONDS: Final = 15.0
_log = logging.getLogger(__name__)


def run() -> int:
    """Serve until SIGTERM or SIGINT; 1 when the stage ended by itself."""
    settings = load(IngestSmsSettings)
    logs.configure(SERVICE, settings.log_level)
    try:
        settings.id_key()
        settings.gateways()
        for gateway in settings.gateways():
            settings.credentials(gateway)
    except SettingsError as error:
        stop(str(error))
    return uvloop.run(_serve(settings))


async def _serve(settings: IngestSmsSettings) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    health = Health()
    if settings.metrics_port:
        health_server.serve(health, settings)
    codec = codec_of(settings)
    stage = StageThread(settings, health, stopping)
    stage.start()
    async with Publisher(settings, SERVICE, codec) as publisher:
        application = app.create(settings, publisher, settings.id_key(), codec, health)
        await web.serve(application, settings.ingest_sms_host, settings.ingest_sms_port, "INGEST_SMS_PORT", stopping)
    await asyncio.to_thread(stage.end)
    return 1 if stage.failed else 0


class StageThread:
    """Runs the stage in a thread, and writes ticks to its partitions while parts wait there."""

    def __init__(self, settings: IngestSmsSettings, health: Health, stopping: asyncio.Event) -> None:
        self._settings = settings
        self._health = health
        self._stopping = stopping
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._handler = SmsHandler(
            codec_of(settings),
            settings.id_key(),
            settings.sms_parts_timeout_seconds * 1000,
            settings.all_status_names(),
        )
        self.failed = False

    def start(self) -> None:
        """Start both threads."""
        for name, body in (("stage", self._run), ("ticks", self._tick)):
            thread = threading.Thread(target=body, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Finish or abort the batch, commit, leave the group."""
        self._stop.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            Stage(self._settings, SPEC, self._handler, self._health).run(self._stop)
        except Exception:
            _log.exception("the stage ended")
            self.failed = True
        finally:
            with contextlib.suppress(RuntimeError):  # the loop is gone already
                self._loop.call_soon_threadsafe(self._stopping.set)

    def _tick(self) -> None:
        producer = kafka.producer(self._settings)
        pause = min(TICK_SECONDS, self._settings.sms_parts_timeout_seconds / 2)
        while not self._stop.wait(pause):
            for partition in self._handler.partitions_waiting():
                with contextlib.suppress(BufferError):
                    producer.produce(
                        self._settings.topic("ingest.sms"), b"{}", partition=partition, headers=[(TICK_HEADER, b"1")]
                    )
            producer.poll(0)
        producer.flush(1.0)
