"""The process: the HTTP application, and beside it the stage over ingest.sms and ingest.status in a thread."""

import asyncio
import contextlib
import signal
import threading
from typing import Final

import uvloop

from services.ingest_sms import app
from services.ingest_sms.handler import GROUP, SPEC, TICK_HEADER, SmsHandler
from services.ingest_sms.settings import IngestSmsSettings
from services.runtime import health as health_server
from services.runtime import kafka, logs, web
from services.runtime.codec import codec_of
from services.runtime.errors import SettingsError
from services.runtime.health import Health
from services.runtime.publish import Publisher
from services.runtime.settings import load, stop
from services.runtime.stage import Stage
from services.runtime.stage_thread import StageThread

TICK_SECONDS: Final = 15.0


def run() -> int:
    """Serve until SIGTERM or SIGINT; 1 when the stage ended by itself."""
    settings = load(IngestSmsSettings)
    logs.configure(GROUP, settings.log_level)
    try:
        settings.id_key()
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
    codec, ids = codec_of(settings), settings.id_key()
    timeout_ms = settings.sms_parts_timeout_seconds * 1000
    handler = SmsHandler(codec_of(settings), ids, timeout_ms, settings.all_status_names())
    stage = StageThread(lambda: Stage(settings, SPEC, handler, health), stopping.set, "stage-ingest-sms")
    stage.start()
    ticks = Ticks(settings, handler)
    ticks.start()
    async with Publisher(settings, GROUP, codec) as publisher:
        application = app.create(settings, publisher, ids, codec, health)
        await web.serve(application, settings.ingest_sms_host, settings.ingest_sms_port, "INGEST_SMS_PORT", stopping)
    await stage.stop()
    ticks.stop()
    return 1 if stage.failure else 0


class Ticks(threading.Thread):
    """Writes tick records to our own partitions while parts of long messages wait there: so time passes in the log."""

    def __init__(self, settings: IngestSmsSettings, handler: SmsHandler) -> None:
        super().__init__(name="ticks", daemon=True)
        self._settings = settings
        self._handler = handler
        self._ended = threading.Event()

    def run(self) -> None:
        """Until stop() is called."""
        producer = kafka.producer(self._settings)
        pause = min(TICK_SECONDS, self._settings.sms_parts_timeout_seconds / 2)
        topic = self._settings.topic("ingest.sms")
        while not self._ended.wait(pause):
            for partition in self._handler.partitions_waiting():
                with contextlib.suppress(BufferError):
                    producer.produce(topic, b"{}", partition=partition, headers=[(TICK_HEADER, b"1")])
            producer.poll(0)
        producer.flush(1.0)

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self.join(2.0)
