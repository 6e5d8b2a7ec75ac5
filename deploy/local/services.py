"""The services that the local stack runs: one line each."""

import os
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

from deploy.local.processes import LOOPBACK, Daemon, require_free, spawn


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """How one service is started and where it answers."""

    name: str
    command: tuple[str, ...]
    """Arguments of Python."""
    metrics_setting: str
    """Setting of the stack that moves METRICS_PORT of this service."""
    http_setting: str = ""
    """Setting, of the stack and of the service, that moves its HTTP port; empty: it has none."""
    prepare: tuple[str, ...] = ()
    """Arguments of Python that must have run before, e.g. migrations."""

    @property
    def probe_setting(self) -> str:
        """The setting whose port answers /health/ready and /metrics."""
        return self.http_setting or self.metrics_setting


_MIGRATE = ("-m", "services.sink", "migrate")

SERVICES = (
    ServiceSpec("sink", ("-m", "services.sink"), "SINK_METRICS_PORT", prepare=_MIGRATE),
    ServiceSpec("report", ("-m", "services.sink", "serve-report"), "REPORT_METRICS_PORT", "REPORT_PORT", _MIGRATE),
    ServiceSpec("classifier", ("-m", "services.classifier"), "CLASSIFIER_METRICS_PORT"),
    ServiceSpec("cleaner", ("-m", "services.cleaner"), "CLEANER_METRICS_PORT"),
    ServiceSpec("ingest_social", ("-m", "services.ingest_social"), "INGEST_SOCIAL_METRICS_PORT", "INGEST_SOCIAL_PORT"),
    ServiceSpec("ingest_sms", ("-m", "services.ingest_sms"), "INGEST_SMS_METRICS_PORT", "INGEST_SMS_PORT"),
)
"""From the end of the flow to its start: what is stopped first is what takes complaints in."""
BY_NAME = {spec.name: spec for spec in SERVICES}


class ServiceProcess(Daemon):
    """One instance of a service, a process of its own."""

    def __init__(self, name: str, spec: ServiceSpec, env: Mapping[str, str], port: int, log: Path) -> None:
        """`env` is added to this process's environment; `port` answers health and metrics."""
        super().__init__(name, log)
        self.spec = spec
        self.url = f"http://{LOOPBACK}:{port}"
        self._env = dict(env)
        self._port = port

    def launch(self) -> None:
        """Start the service."""
        require_free(self._port, self.name, self.spec.probe_setting)
        self._process = spawn([sys.executable, *self.spec.command], self.log, {**os.environ, **self._env})

    def answers(self) -> bool:
        """Whether /health/ready says so."""
        return get(f"{self.url}/health/ready") is not None


def get(url: str, timeout: float = 2.0) -> str | None:
    """Body of a 200 answer; None for any other, or none."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310
            return str(response.read().decode("utf-8", "replace")) if response.status == 200 else None
    except (HTTPError, OSError, ValueError):
        return None
