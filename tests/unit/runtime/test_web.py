"""The common edge of HTTP services: limits, error answers, health on the main port."""

from collections.abc import Iterator

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from services.runtime import web
from services.runtime.errors import BrokerBusy, CodecError
from services.runtime.health import Health
from services.runtime.web import Refusal, create_app


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = create_app(title="t", service="test", health=Health(), max_body=100)

    @app.post("/take")
    async def take(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/number")
    async def number(n: int) -> int:
        return n

    @app.get("/fail/{kind}")
    async def fail(kind: str) -> None:
        raise {
            "busy": BrokerBusy("later"),
            "large": CodecError("oversize", "too large"),
            "text": CodecError("bad_text", "no UTF-8"),
            "no": Refusal(401, "no"),
        }[kind]

    with TestClient(app) as made:
        yield made


def test_a_body_within_the_limit_passes(client: TestClient) -> None:
    assert client.post("/take", content=b"x" * 100).json() == {"bytes": 100}


def test_a_body_that_says_it_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/take", content=b"x" * 101)
    assert answer.status_code == 413
    assert "100" in answer.json()["error"]


def test_a_body_that_turns_out_too_large_is_refused(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 10

    assert client.post("/take", content=chunks()).status_code == 413


def test_a_body_that_comes_too_slowly_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BODY_SECONDS", -1.0)

    async def never() -> dict[str, object]:
        import asyncio

        await asyncio.Event().wait()
        return {}

    edge = web.Edge(client.app, "test", 100)
    limited = edge._limited({"headers": []}, never)  # type: ignore[arg-type]
    import asyncio

    with pytest.raises(Refusal) as refused:
        asyncio.run(limited())  # type: ignore[arg-type]
    assert refused.value.status == 408


@pytest.mark.parametrize(("kind", "status"), [("busy", 503), ("large", 413), ("text", 400), ("no", 401)])
def test_errors_have_one_form(client: TestClient, kind: str, status: int) -> None:
    answer = client.get(f"/fail/{kind}")
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_wrong_parameter_is_named_and_its_value_is_not_repeated(client: TestClient) -> None:
    answer = client.get("/number?n=08031234567x")
    assert answer.status_code == 400
    assert "query.n" in answer.json()["error"]
    assert "0803" not in answer.text


def test_health_metrics_and_docs_are_on_the_main_port(client: TestClient) -> None:
    client.post("/take", content=b"x")
    assert client.get("/health/live").json() == {"status": "ok", "parts": {}}
    assert 'complaints_http_requests_total{route="/take",service="test",status="200"}' in client.get("/metrics").text
    assert client.get("/docs").status_code == 200
    assert client.get("/nowhere").json() == {"error": "Not Found"}
