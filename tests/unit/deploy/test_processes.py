"""Children end with their parent, say why they failed, and are ended for good."""

import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deploy.local.processes import Daemon, StackError, await_all, free_port, free_ports, require_free, spawn, tail


class Script(Daemon):
    """A daemon that runs a few lines of Python and is ready when it made a file."""

    start_timeout = 20.0

    def __init__(self, folder: Path, code: str, name: str = "script") -> None:
        super().__init__(name, folder / f"{name}.log")
        self.mark = folder / f"{name}.ready"
        self._code = f"import pathlib, signal, sys, time\nready = pathlib.Path({str(self.mark)!r}).touch\n{code}"

    def launch(self) -> None:
        self.mark.unlink(missing_ok=True)
        self._process = spawn([sys.executable, "-I", "-S", "-c", self._code], self.log)

    def answers(self) -> bool:
        return self.mark.exists()


FOREVER = "ready()\nwhile True: time.sleep(60)"


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def test_a_daemon_starts_stops_and_starts_again(tmp_path: Path) -> None:
    daemon = Script(tmp_path, FOREVER)
    assert daemon.pid is None
    with daemon:
        first = daemon.pid
        assert first is not None
    assert daemon.pid is None
    assert daemon.exit_code == -signal.SIGTERM
    with daemon:
        assert daemon.pid not in (None, first)


def test_a_daemon_that_ends_while_starting_is_reported_with_its_last_words(tmp_path: Path) -> None:
    daemon = Script(tmp_path, "print('no port for me', file=sys.stderr)\nsys.exit(3)")
    with pytest.raises(
        StackError, match=r"script ended while starting \(exit code 3\): no port for me \(log: .*script.log"
    ):
        daemon.start()


def test_a_daemon_that_is_never_ready_is_reported(tmp_path: Path) -> None:
    daemon = Script(tmp_path, "time.sleep(60)")
    daemon.launch()
    with pytest.raises(StackError, match="not ready after 0 s"):
        daemon.wait_ready(timeout=0)
    daemon.kill()


def test_a_daemon_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    daemon = Script(tmp_path, f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{FOREVER}").start()
    daemon.stop_timeout = 0.05
    daemon.stop()
    assert daemon.exit_code == -signal.SIGKILL


def test_a_stopped_daemon_can_be_ended(tmp_path: Path) -> None:
    daemon = Script(tmp_path, FOREVER).start()
    daemon.signal(signal.SIGSTOP)
    daemon.stop()
    assert daemon.exit_code == -signal.SIGTERM


def test_several_daemons_are_awaited_together(tmp_path: Path) -> None:
    ready: list[str] = []
    daemons = [
        Script(tmp_path, f"time.sleep({pause})\n{FOREVER}", name) for name, pause in (("late", 0.3), ("soon", 0))
    ]
    for daemon in daemons:
        daemon.launch()
    await_all(daemons, ready.append)
    assert ready == ["soon", "late"]
    daemons[0].kill()
    daemons[0].mark.unlink()
    with pytest.raises(StackError, match="late ended"):
        await_all(daemons, ready.append)
    daemons[1].kill()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)", "sys.exit(0)"])
def test_children_die_with_their_parent_however_it_ends(tmp_path: Path, end: str) -> None:
    code = f"""
        import os, signal, sys
        from pathlib import Path
        from deploy.local.processes import spawn
        sleeper = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]
        child = spawn(sleeper, Path({str(tmp_path / "log")!r}))
        print(child.pid, flush=True)
        {end}
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    child = int(done.stdout)
    _until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_a_port_in_use_names_the_setting_that_moves_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            StackError, match=f"port {port} for Kafka is in use: stop what listens there or set KAFKA_PORT"
        ):
            require_free(port, "Kafka", "KAFKA_PORT")
    require_free(free_port(), "Kafka", "KAFKA_PORT")


def test_the_end_of_a_log_fits_on_one_line(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert tail(log) == f"no log at {log}"
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    assert tail(log) == f"line 96 | line 97 | line 98 | line 99 (log: {log})"


def test_a_child_inherits_no_open_file(tmp_path: Path) -> None:
    with (tmp_path / "held").open("w") as held:
        code = f"import os, sys\ntry: os.fstat({held.fileno()}); sys.exit(1)\nexcept OSError: sys.exit(0)"
        assert spawn([sys.executable, "-I", "-S", "-c", code], tmp_path / "log").wait() == 0


def test_free_ports_differ_and_are_none_that_outgoing_connections_get() -> None:
    ports = free_ports(50)
    assert len(set(ports)) == 50
    assert max(ports) < 32_768
