"""The local ClickHouse as a child process, for the stack and the tests."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import URLError

from deploy.local.processes import LOOPBACK, StackError, free_port, require_free, spawn, stop, wait_until

START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0


class LocalClickHouse:
    """One engine with its own data folder and port. What it acknowledged survives stop(), kill() and a new start().

    >>> LocalClickHouse(Path("/data"), port=18123).url
    'http://127.0.0.1:18123'
    """

    def __init__(
        self, data_dir: Path, port: int = 0, *, log: Path | None = None, memory_mb: int = 1536, threads: int = 2
    ) -> None:
        """`port` 0 takes a free one."""
        self.port = port or free_port()
        self.log = log or data_dir / "clickhouse.log"
        self._data = data_dir
        self._memory_mb = memory_mb
        self._threads = threads
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For CLICKHOUSE_URL."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> "LocalClickHouse":
        """Start it and return when it answers; StackError with the reason when it does not."""
        if self.pid is None:
            self.launch()
            self.wait_ready()
        return self

    def launch(self) -> None:
        """Start it without waiting for it."""
        require_free(self.port, "ClickHouse", "CLICKHOUSE_PORT")
        env = {
            **os.environ,
            "CLICKHOUSE_HOST": LOOPBACK,
            "CLICKHOUSE_PORT": str(self.port),
            "CLICKHOUSE_DATA": str(self._data.absolute()),
            "CLICKHOUSE_MEMORY_MB": str(self._memory_mb),
            "CLICKHOUSE_THREADS": str(self._threads),
        }
        root = Path(__file__).parents[3]
        self._process = spawn([sys.executable, "-m", "deploy.local.clickhouse"], self.log, env, root)

    def wait_ready(self, timeout: float = START_TIMEOUT) -> None:
        """Wait until it answers."""
        if self._process is None:
            raise StackError("ClickHouse was not started")
        wait_until(self.answers, self._process, "ClickHouse", self.log, timeout)

    def answers(self) -> bool:
        """Whether /ping is answered now."""
        try:
            with urllib.request.urlopen(f"{self.url}/ping", timeout=1) as response:  # noqa: S310
                return bool(response.status == 200)
        except (URLError, OSError):
            return False

    def stop(self) -> None:
        """End it after the requests under way."""
        if self._process is not None:
            stop(self._process, STOP_TIMEOUT)

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def __enter__(self) -> "LocalClickHouse":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
