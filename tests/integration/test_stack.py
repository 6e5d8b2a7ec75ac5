"""A stack starts, mends itself and ends, in one process and from the command line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local.processes import ROOT, StackError, free_port
from deploy.local.settings import Ports
from deploy.local.stack import Stack
from deploy.local.supervisor import Files
from services.runtime.kafka import admin
from services.runtime.topics import TOPICS

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse]

Run = Callable[..., subprocess.CompletedProcess[str]]


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


def _gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def ready() -> list[str]:
    """Names in the order in which they became ready."""
    return []


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, ready: list[str]) -> Iterator[Stack]:
    """Kafka and one service, on ports of their own."""
    root = tmp_path_factory.mktemp("stack")
    env = {"TOPIC_PREFIX": "mine.", "TOPIC_PARTITIONS": "2"}
    with Stack(root, parts=["cleaner", "kafka"], ports=Ports.free(), env=env, say=ready.append) as stack:
        yield stack


class TestStack:
    """The API of tests and demo."""

    def test_parts_start_in_order_with_topics_and_keys(self, stack: Stack, ready: list[str]) -> None:
        assert ready[:2] == ["kafka", "cleaner"]
        broker = stack.daemon("kafka")
        assert broker.answers()
        assert Path(stack.env["ID_KEY_FILE"]).is_relative_to(stack.root)
        client = admin(stack.kafka_settings())
        assert {f"mine.{name}" for name in TOPICS} <= set(client.list_topics(timeout=10).topics)
        assert httpx.get(f"{stack.url('cleaner')}/health/ready").status_code == 200

    def test_a_killed_service_is_started_again(self, stack: Stack) -> None:
        first = stack.daemon("cleaner").pid
        restarts = stack.restarts("cleaner")
        stack.kill("cleaner")
        stack.wait_ready()
        assert stack.daemon("cleaner").pid not in (None, first)
        assert stack.restarts("cleaner") == restarts + 1

    def test_a_killed_broker_is_started_again_with_its_topics(self, stack: Stack) -> None:
        stack.kill("kafka")
        stack.wait_ready()
        client = admin(stack.kafka_settings())
        assert "mine.ledger" in client.list_topics(timeout=10).topics

    def test_a_halted_service_stays_down_until_it_is_resumed(self, stack: Stack) -> None:
        stack.halt("cleaner")
        assert stack.daemon("cleaner").pid is None
        time.sleep(1.0)  # longer than the pause before a restart
        assert stack.daemon("cleaner").pid is None
        stack.resume("cleaner")
        assert stack.daemon("cleaner").answers()

    def test_another_instance_runs_beside_the_first(self, stack: Stack) -> None:
        name = stack.add("cleaner", 1)
        assert name == "cleaner-1"
        assert stack.daemon(name).pid != stack.daemon("cleaner").pid
        assert stack.url(name) != stack.url("cleaner")
        stack.halt(name)

    def test_what_cannot_start_is_reported_and_nothing_is_left(self, tmp_path: Path) -> None:
        ports = Ports.free()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", ports.clickhouse_port))
            taken.listen()
            stack = Stack(tmp_path, parts=["clickhouse"], ports=ports)
            with pytest.raises(StackError, match="set CLICKHOUSE_PORT"):
                stack.start()
        assert all(daemon.pid is None for daemon in stack.daemons())


class TestCommands:
    """make up, down and status; ClickHouse alone stands for the whole."""

    @pytest.fixture
    def run(self, tmp_path: Path) -> Iterator[Run]:
        """Runs a command on a stack of its own."""
        own = {"STACK_ROOT": str(tmp_path), "CLICKHOUSE_PORT": str(free_port()), "CLICKHOUSE_MEMORY_MB": "512"}

        def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "deploy.local", *args]
            merged = {**os.environ, **own, **env}
            return subprocess.run(command, env=merged, cwd=ROOT, capture_output=True, text=True, check=False)

        yield run
        if Files(tmp_path).alive():
            run("down")

    def _pid(self, root: Path) -> int:
        [part] = Files(root).state().parts
        return int(part["pid"])

    def test_up_is_idempotent_mends_and_down_leaves_nothing(self, run: Run, tmp_path: Path) -> None:
        assert run("status").returncode == 1
        assert run("up", "--only", "clickhouse").returncode == 0
        first = self._pid(tmp_path)
        assert run("up", "--only", "clickhouse").returncode == 0
        assert self._pid(tmp_path) == first
        os.kill(first, signal.SIGKILL)
        up = run("up", "--only", "clickhouse")
        assert up.returncode == 0, up.stderr
        second = self._pid(tmp_path)
        assert second != first
        status = run("status", "--json")
        assert status.returncode == 0
        [shown] = json.loads(status.stdout)
        assert (shown["name"], shown["pid"], shown["state"], shown["restarts"]) == ("clickhouse", second, "ready", 1)
        down = run("down")
        assert (down.returncode, down.stdout) == (0, "the stack has stopped; its data stay\n")
        assert _gone(second)
        assert (tmp_path / "data" / "clickhouse").exists()

    def test_nothing_survives_the_supervisor(self, run: Run, tmp_path: Path) -> None:
        run("up", "--only", "clickhouse")
        pid = self._pid(tmp_path)
        os.kill(Files(tmp_path).state().pid, signal.SIGKILL)
        _until(lambda: _gone(pid))
        assert "does not run" in run("status").stdout
        assert run("down").returncode == 0

    def test_a_port_in_use_is_one_clear_line(self, run: Run) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = run("up", "--only", "clickhouse", CLICKHOUSE_PORT=str(taken.getsockname()[1]))
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "is in use: stop what listens there or set CLICKHOUSE_PORT" in done.stderr

    def test_bad_usage_is_one_line(self, run: Run) -> None:
        for args in ((), ("up", "--only", "kafak"), ("sideways",)):
            done = run(*args)
            assert done.returncode == 2
            assert done.stderr.count("\n") == 1
