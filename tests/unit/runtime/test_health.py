"""Ready when every part is; live while every part moves."""

import json
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from services.runtime.health import Health, answer, serve
from services.runtime.metrics import Metrics
from services.runtime.settings import ServiceSettings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_process_is_ready_when_all_its_parts_are() -> None:
    health = Health()
    health.expect("stage")
    health.expect("feeds")
    assert health.readiness() == (False, {"stage": "starting", "feeds": "starting"})
    health.ready("stage")
    health.ready("feeds")
    assert health.readiness() == (True, {})
    health.not_ready("stage", "restoring state")
    assert health.readiness() == (False, {"stage": "restoring state"})


def test_a_part_that_does_not_beat_is_not_live_and_is_named() -> None:
    clock = Clock()
    health = Health(stuck_after=60, clock=clock)
    health.expect("stage")
    clock.now = 59
    assert health.liveness() == (True, {})
    clock.now = 61
    assert health.liveness() == (False, {"stage": "no progress for 61 s"})
    health.beat("stage")
    assert health.liveness() == (True, {})
    health.done("stage")
    clock.now = 500
    assert health.liveness() == (True, {})


def test_probes_and_metrics_are_answered_over_http() -> None:
    health = Health()
    health.expect("stage")
    server = serve(health, ServiceSettings(metrics_host="127.0.0.1"))
    base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/health/ready")
        assert refused.value.code == 503
        assert json.loads(refused.value.read())["parts"] == {"stage": "starting"}
        health.ready("stage")
        assert urllib.request.urlopen(f"{base}/health/ready").status == 200
        assert b"complaints_events_consumed_total" in urllib.request.urlopen(f"{base}/metrics").read()
    finally:
        server.shutdown()
        server.server_close()


def test_a_port_in_use_ends_the_process_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(Health(), ServiceSettings(metrics_host="127.0.0.1"))
    try:
        with pytest.raises(SystemExit):
            serve(Health(), ServiceSettings(metrics_host="127.0.0.1", metrics_port=server.server_address[1]))
    finally:
        server.shutdown()
        server.server_close()
    assert "set METRICS_PORT" in capsys.readouterr().err


def test_other_paths_are_left_to_the_application() -> None:
    assert answer(Health(), "/v1/sms/generic", Metrics(CollectorRegistry())) is None
