"""The process: the HTTP application, the stage over ingest.social, and the feeds, each beside the others."""

import asyncio
import logging
import signal
import threading
from typing import Final

import uvloop

from services.ingest_social import app, feeds_file
from services.ingest_social.feed import Feed
from services.ingest_social.feeds import Feeds
from services.ingest_social.handler import GROUP, SPEC, SocialHandler
from services.ingest_social.intake import Intake
from services.ingest_social.settings import IngestSocialSettings
from services.ingest_social.x_search import XSearch
from services.runtime import health as health_server
from services.runtime import logs, web
from services.runtime.codec import codec_of
from services.runtime.errors import SettingsError
from services.runtime.health import Health
from services.runtime.publish import Publisher
from services.runtime.settings import load, stop
from services.runtime.stage import Stage
from services.runtime.stage_thread import StageThread

STOP_SECONDS: Final = 15.0
_log = logging.getLogger(__name__)


def run() -> int:
    """Serve until SIGTERM or SIGINT; 1 when a part ended by itself."""
    settings = load(IngestSocialSettings)
    logs.configure(GROUP, settings.log_level)
    try:
        settings.id_key()
        feeds = configured(settings)
        for name in ("meta_app_secret_file", "meta_verify_token_file", "x_consumer_secret_file"):
            settings.secret(name)
    except SettingsError as error:
        stop(str(error))
    return uvloop.run(_serve(settings, feeds))


def configured(settings: IngestSocialSettings) -> list[Feed]:
    """The feeds that the settings and the feeds file ask for. SettingsError for a wrong file."""
    feeds: list[Feed] = []
    token = settings.secret("x_bearer_token_file")
    if token is not None:
        feeds.append(
            XSearch("x-search", settings.x_base_url, token.decode(), settings.x_query, settings.x_poll_seconds)
        )
    if settings.social_feeds_file is not None:
        fingerprint = Intake(settings.id_key(), codec_of(settings), settings.own()).fingerprint
        feeds += feeds_file.load(settings.social_feeds_file, fingerprint)
    return feeds


async def _serve(settings: IngestSocialSettings, feeds: list[Feed]) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    health = Health()
    if settings.metrics_port:
        health_server.serve(health, settings)
    codec, ids = codec_of(settings), settings.id_key()
    handler = SocialHandler(codec_of(settings), ids, settings.own())
    stage = StageThread(lambda: Stage(settings, SPEC, handler, health), stopping.set, "stage-ingest-social")
    stage.start()
    polling = _FeedThread(settings, feeds, Intake(ids, codec_of(settings), settings.own()), health) if feeds else None
    async with Publisher(settings, GROUP, codec) as publisher:
        application = app.create(settings, publisher, Intake(ids, codec, settings.own()), health)
        await web.serve(
            application, settings.ingest_social_host, settings.ingest_social_port, "INGEST_SOCIAL_PORT", stopping
        )
    await stage.stop()
    if polling is not None:
        await asyncio.to_thread(polling.stop)
    return 1 if stage.failure else 0


class _FeedThread:
    """Polls feeds in a daemon thread; a failure of the thread is seen by liveness."""

    def __init__(self, settings: IngestSocialSettings, feeds: list[Feed], intake: Intake, health: Health) -> None:
        self._stop = threading.Event()
        self._feeds = Feeds(settings, feeds, intake, codec_of(settings), health)
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._feeds.run(self._stop)
        except Exception:
            _log.exception("the feeds failed")

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(STOP_SECONDS)
