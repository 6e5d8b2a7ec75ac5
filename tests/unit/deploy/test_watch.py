"""What dies is started again, after a pause that grows; what is left alone stays down."""

import itertools
from pathlib import Path

import pytest

from deploy.local.processes import StackError
from deploy.local.watch import FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER, Watch
from tests.unit.deploy.test_processes import FOREVER, Script


class Fragile(Script):
    """Counts its launches instead of starting anything."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "")
        self.launches: list[float] = []
        self.alive = True
        self.now = 0.0

    @property
    def pid(self) -> int | None:
        return 1 if self.alive else None

    def launch(self) -> None:
        self.launches.append(self.now)

    def answers(self) -> bool:
        return self.alive


def _look_until(watch: Watch, daemon: Fragile, end: float) -> None:
    """Look every tenth of a second of a made-up clock."""
    while daemon.now < end:
        watch.look(daemon.now)
        daemon.now = round(daemon.now + 0.1, 1)


def test_a_daemon_that_keeps_dying_is_tried_ever_more_seldom(tmp_path: Path) -> None:
    watch, daemon = Watch(enabled=False, log=tmp_path / "log"), Fragile(tmp_path)
    watch.add(daemon, now=0.0)
    daemon.alive = False
    _look_until(watch, daemon, 200.0)
    pauses = [
        round(later - earlier, 1) for earlier, later in zip([0.0, *daemon.launches], daemon.launches, strict=False)
    ]
    assert pauses[0] == pytest.approx(FIRST_PAUSE, abs=0.2)
    assert all(later >= earlier - 0.2 for earlier, later in itertools.pairwise(pauses))
    assert max(pauses) == pytest.approx(LONGEST_PAUSE, abs=0.3)
    assert watch.restarts("script") == len(daemon.launches)
    assert "script ended with" in (tmp_path / "log").read_text()


def test_a_daemon_that_ran_long_is_forgiven(tmp_path: Path) -> None:
    watch, daemon = Watch(enabled=False, log=tmp_path / "log"), Fragile(tmp_path)
    watch.add(daemon, now=0.0)
    daemon.alive = False
    _look_until(watch, daemon, 20.0)
    daemon.alive = True
    _look_until(watch, daemon, 20.0 + STEADY_AFTER + 5)
    daemon.alive = False
    died = daemon.now
    daemon.launches.clear()
    _look_until(watch, daemon, died + 2 * FIRST_PAUSE)
    assert daemon.launches[0] == pytest.approx(died + FIRST_PAUSE, abs=0.2)


def test_a_daemon_that_cannot_be_launched_is_tried_again(tmp_path: Path) -> None:
    class Refused(Fragile):
        def launch(self) -> None:
            super().launch()
            raise StackError("port 1 is in use")

    watch, daemon = Watch(enabled=False, log=tmp_path / "log"), Refused(tmp_path)
    watch.add(daemon, now=0.0)
    daemon.alive = False
    _look_until(watch, daemon, 10.0)
    assert len(daemon.launches) > 1
    assert "port 1 is in use" in (tmp_path / "log").read_text()


def test_a_killed_process_runs_again_until_it_is_left_alone(tmp_path: Path) -> None:
    watch, daemon = Watch(enabled=True, log=tmp_path / "log"), Script(tmp_path, FOREVER).start()
    watch.add(daemon)
    first = daemon.pid
    daemon.mark.unlink()
    daemon.kill()
    watch.wait(daemon, timeout=30)
    assert daemon.pid not in (None, first)
    assert watch.restarts("script") == 1
    watch.leave(daemon)
    daemon.stop()
    watch.end()
    assert daemon.pid is None


def test_waiting_for_a_dead_daemon_that_nobody_restarts_fails_at_once(tmp_path: Path) -> None:
    watch, daemon = Watch(enabled=False, log=tmp_path / "log"), Script(tmp_path, FOREVER).start()
    watch.add(daemon)
    daemon.mark.unlink()
    daemon.kill()
    with pytest.raises(StackError, match=r"script does not run \(exit code -9\)"):
        watch.wait(daemon, timeout=30)
