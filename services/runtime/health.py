"""Health and metrics of a process: /health/startup, /health/ready, /health/live and /metrics.

Liveness means progress: a loop beats only when it moves, waits for a broker that is away, or has nothing to do.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.runtime.metrics import Metrics, metrics
from services.runtime.settings import ServiceSettings, stop

STUCK_AFTER_SECONDS: Final = 60.0


class Health:
    """What a process says of itself. Thread-safe: plain attributes, each written by one thread."""

    def __init__(self, stuck_after: float = STUCK_AFTER_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stuck_after = stuck_after
        self._beats: dict[str, float] = {}
        self._waiting: dict[str, str] = {}

    def expect(self, part: str) -> None:
        """A part that must become ready before the process is, and then keep beating."""
        self._waiting[part] = "starting"
        self._beats[part] = self._clock()

    def beat(self, part: str) -> None:
        """The part made progress, or rightly has nothing to do."""
        self._beats[part] = self._clock()

    def ready(self, part: str) -> None:
        """The part can do its work."""
        self._waiting.pop(part, None)

    def not_ready(self, part: str, why: str) -> None:
        """The part cannot do its work now."""
        self._waiting[part] = why

    def done(self, part: str) -> None:
        """The part ended on purpose."""
        self._waiting.pop(part, None)
        self._beats.pop(part, None)

    def readiness(self) -> tuple[bool, dict[str, str]]:
        """Whether all parts are ready, and what those that are not wait for."""
        return not self._waiting, dict(self._waiting)

    def liveness(self) -> tuple[bool, dict[str, str]]:
        """Whether all parts beat, and for how long those that do not have been still."""
        now = self._clock()
        still = {
            part: f"no progress for {now - beat:.0f} s"
            for part, beat in list(self._beats.items())
            if now - beat > self._stuck_after
        }
        return not still, still


def answer(health: Health, path: str, registry: Metrics | None = None) -> tuple[int, str, bytes] | None:
    """Status, content type and body for a path of health or metrics; None for another path."""
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, generate_latest((registry or metrics()).registry)
    if path in ("/health/ready", "/health/startup"):
        good, parts = health.readiness()
    elif path == "/health/live":
        good, parts = health.liveness()
    else:
        return None
    body = json.dumps({"status": "ok" if good else "unavailable", "parts": parts}).encode()
    return 200 if good else 503, "application/json", body


def serve(health: Health, settings: ServiceSettings) -> ThreadingHTTPServer:
    """Serve health and metrics on METRICS_PORT in a daemon thread; ends the process when the port is taken."""

    class Answers(BaseHTTPRequestHandler):
        timeout = 5  # a slow-loris client must not hold a thread

        def do_GET(self) -> None:
            found = answer(health, self.path.partition("?")[0])
            status, kind, body = found or (404, "application/json", b'{"error":"not found"}')
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes are not logged."""

    try:
        server = ThreadingHTTPServer((settings.metrics_host, settings.metrics_port), Answers)
    except OSError:
        stop(f"port {settings.metrics_port} is in use: set METRICS_PORT to another")
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
