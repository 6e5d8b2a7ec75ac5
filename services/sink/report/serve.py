"""The live report over HTTP: rendered at most every few seconds, and shown with its age while the warehouse is away."""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse

from services.runtime.health import Health
from services.runtime.logs import configure
from services.runtime.web import Refusal, create_app
from services.runtime.web import serve as serve_app
from services.sink.report.ask import LAGOS
from services.sink.report.page import BEGINNING, render
from services.sink.settings import SinkSettings
from services.sink.warehouse import WarehouseAway, connect

_log = logging.getLogger(__name__)

SERVICE: Final = "report"
FRESH_SECONDS: Final = 10.0
POLICY: Final = {
    # the document needs nothing from anywhere, and may ask nobody but where it came from
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class LiveReport:
    """The newest rendering by range of days. Thread-safe; renders once where many ask at the same time."""

    def __init__(self, draw: Callable[[float], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._draw = draw
        self._clock = clock
        self._lock = threading.Lock()
        self._made: dict[float, tuple[float, datetime, str]] = {}

    def html(self, days: float) -> str:
        """The report; an older one that says so while the warehouse is away. WarehouseAway when there is none yet."""
        with self._lock:
            made = self._made.get(days)
            if made is not None and self._clock() - made[0] < FRESH_SECONDS:
                return made[2]
            try:
                drawn = self._draw(days)
            except WarehouseAway as error:
                if made is None:
                    raise
                _log.warning("the warehouse is away: an older report is shown", extra={"why": str(error)})
                return made[2].replace(STALE_MARK, f'<p class="stale">{_since(made[1])}</p>')
            self._made[days] = (self._clock(), datetime.now(UTC), drawn)
            return drawn


STALE_MARK: Final = "<!-- stale -->"


def _since(made: datetime) -> str:
    return f"The warehouse does not answer. Figures are of {made.astimezone(LAGOS):%d %B, %H:%M:%S} Lagos time."


def serve(settings: SinkSettings) -> int:
    """Serve on REPORT_PORT until SIGTERM."""
    configure(SERVICE, settings.log_level)

    def draw(days: float) -> str:
        now = datetime.now(UTC)
        with connect(settings) as client:
            start = now - timedelta(days=days) if days else BEGINNING
            return render(client, now=now, start=start, refresh_seconds=settings.report_refresh_seconds)

    live, health = LiveReport(draw), Health()
    health.expect("report")
    health.ready("report")
    app = create_app(title="Live report of customer complaints", service=SERVICE, health=health)

    @app.get("/", response_class=HTMLResponse, summary="The report as one HTML document")
    def page(days: float = 0) -> Response:
        health.beat("report")
        if not 0 <= days <= 36_500:
            raise Refusal(400, "days: from 0 (everything) to 36500")
        try:
            return HTMLResponse(live.html(days), headers=POLICY)
        except WarehouseAway as error:
            raise Refusal(503, str(error)) from error

    asyncio.run(_run(app, settings, health))
    return 0


async def _run(app: FastAPI, settings: SinkSettings, health: Health) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    async def beat() -> None:
        while True:
            health.beat("report")
            await asyncio.sleep(5)

    beating = asyncio.create_task(beat())
    _log.info("the report is served", extra={"port": settings.report_port})
    try:
        await serve_app(app, settings.report_host, settings.report_port, "REPORT_PORT", stopping)
    finally:
        beating.cancel()
