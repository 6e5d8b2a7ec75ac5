"""The local ClickHouse as a child process, for the stack and the tests."""

import os
import sys
import urllib.request
from pathlib import Path

from deploy.local.processes import LOOPBACK, Daemon, free_port, require_free, spawn


class LocalClickHouse(Daemon):
    """One engine with its own data folder and port. What it acknowledged survives stop(), kill() and a new start().

    >>> LocalClickHouse(Path("/data"), port=18123).url
    'http://127.0.0.1:18123'
    """

    def __init__(
        self, data_dir: Path, port: int = 0, *, log: Path | None = None, memory_mb: int = 1536, threads: int = 2
    ) -> None:
        """`port` 0 takes a free one."""
        super().__init__("clickhouse", log or data_dir / "clickhouse.log")
        self.port = port or free_port()
        self._data = data_dir
        self._memory_mb = memory_mb
        self._threads = threads

    @property
    def url(self) -> str:
        """For CLICKHOUSE_URL."""
        return f"http://{LOOPBACK}:{self.port}"

    def launch(self) -> None:
        """Start the engine's process."""
        require_free(self.port, "ClickHouse", "CLICKHOUSE_PORT")
        env = {
            **os.environ,
            "CLICKHOUSE_HOST": LOOPBACK,
            "CLICKHOUSE_PORT": str(self.port),
            "CLICKHOUSE_DATA": str(self._data.absolute()),
            "CLICKHOUSE_MEMORY_MB": str(self._memory_mb),
            "CLICKHOUSE_THREADS": str(self._threads),
        }
        self._process = spawn([sys.executable, "-m", "deploy.local.clickhouse"], self.log, env)

    def answers(self) -> bool:
        """Whether /ping is answered now."""
        try:
            with urllib.request.urlopen(f"{self.url}/ping", timeout=1) as response:  # noqa: S310
                return bool(response.status == 200)
        except OSError:
            return False
