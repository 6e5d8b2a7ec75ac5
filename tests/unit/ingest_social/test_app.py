"""The HTTP application, with a broker that is a list."""

import asyncio
import base64
import hmac
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.domain.identity import IdKey
from services.ingest_social import app as application
from services.ingest_social import examples
from services.ingest_social.intake import Intake
from services.ingest_social.settings import IngestSocialSettings
from services.runtime.codec import Codec
from services.runtime.errors import BrokerBusy
from services.runtime.health import Health
from services.runtime.publish import Publication

CODEC = Codec()
JSON = {"Content-Type": "application/json"}


class Broker:
    """Keeps what is published, or refuses it."""

    def __init__(self) -> None:
        self.records: list[Publication] = []
        self.busy = False

    async def publish(self, records: Sequence[Publication]) -> None:
        if self.busy:
            raise BrokerBusy("the broker did not confirm in time")
        self.records += records

    def events(self, topic: str = "bronze.realtime", record: str = "BronzeEvent") -> list[dict[str, Any]]:
        return [CODEC.decode(record, r.value) for r in self.records if r.topic == topic]


@pytest.fixture
def broker() -> Broker:
    return Broker()


def make(broker: Broker, **options: Any) -> FastAPI:
    settings = IngestSocialSettings(**options)
    intake = Intake(IdKey(b"0123456789abcdef"), CODEC, settings.own())
    return application.create(settings, broker, intake, Health())


def call(app: FastAPI, method: str, url: str, **options: Any) -> httpx.Response:
    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://x.example.ng") as client:
            return await client.request(method, url, **options)

    return asyncio.run(go())


def secret(tmp_path: Path, value: str = "s3cret") -> Path:
    path = tmp_path / "secret"
    path.write_text(value + "\n")
    return path


@pytest.mark.parametrize(("url", "channel"), [("/v1/social/meta", "facebook"), ("/v1/social/x", "x")])
def test_the_documented_example_works(broker: Broker, url: str, channel: str) -> None:
    app = make(broker)
    document = call(app, "GET", "/openapi.json").json()
    example = document["paths"][url]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = call(app, "POST", url, json=example)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    [event] = broker.events()
    assert (event["channel"], event["payload"]) == (channel, answer.request.content)


def test_each_post_of_a_document_keeps_its_own_part_as_payload(broker: Broker) -> None:
    value = examples.META["entry"][0]["changes"][0]["value"]  # type: ignore[index]
    changes = [{"field": "feed", "value": {**value, "comment_id": f"c{n}"}} for n in range(2)]
    call(make(broker), "POST", "/v1/social/meta", json={"object": "page", "entry": [{"id": "1", "changes": changes}]})
    assert [json.loads(e["payload"])["comment_id"] for e in broker.events()] == ["c0", "c1"]


def test_meta_signatures_are_checked_over_the_raw_bytes(broker: Broker, tmp_path: Path) -> None:
    app = make(broker, meta_app_secret_file=secret(tmp_path))
    body = json.dumps(examples.META, indent=1).encode()
    good = "sha256=" + hmac.digest(b"s3cret", body, "sha256").hex()
    statuses = [
        call(app, "POST", "/v1/social/meta", content=sent, headers=JSON | headers).status_code
        for sent, headers in (
            (body, {"X-Hub-Signature-256": good}),
            (body.replace(b"\n", b""), {"X-Hub-Signature-256": good}),
            (body, {"X-Hub-Signature-256": good[:-1] + "x"}),
            (body, {}),
        )
    ]
    assert statuses == [200, 403, 403, 401]
    assert len(broker.records) == 1


def test_x_signatures_and_the_challenge(broker: Broker, tmp_path: Path) -> None:
    app = make(broker, x_consumer_secret_file=secret(tmp_path))
    answer = call(app, "GET", "/v1/social/x", params={"crc_token": "abc"})
    expected = "sha256=" + base64.b64encode(hmac.digest(b"s3cret", b"abc", "sha256")).decode()
    assert answer.json() == {"response_token": expected}
    body = json.dumps(examples.X).encode()
    good = "sha256=" + base64.b64encode(hmac.digest(b"s3cret", body, "sha256")).decode()
    for signature, status in ((good, 200), ("sha256=x", 403), ("", 401)):
        headers = JSON | {"x-twitter-webhooks-signature": signature}
        assert call(app, "POST", "/v1/social/x", content=body, headers=headers).status_code == status
    assert call(make(broker), "GET", "/v1/social/x", params={"crc_token": "abc"}).status_code == 403
    assert call(app, "GET", "/v1/social/x").status_code == 400


def test_meta_verifies_the_webhook(broker: Broker, tmp_path: Path) -> None:
    app = make(broker, meta_verify_token_file=secret(tmp_path, "tok"))
    asked = {"hub.mode": "subscribe", "hub.verify_token": "tok", "hub.challenge": "1158201444"}
    answer = call(app, "GET", "/v1/social/meta", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    for wrong in ({"hub.verify_token": "no"}, {"hub.mode": "x"}):
        assert call(app, "GET", "/v1/social/meta", params=asked | wrong).status_code == 403
    assert call(make(broker), "GET", "/v1/social/meta", params=asked).status_code == 403


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"{", "malformed"), (b"\xff", "bad_text"), (b"{}", "bad_field"), (b'{"object":"page"}', "missing_field")],
)
def test_unsigned_rubbish_is_refused_and_signed_rubbish_is_kept(
    broker: Broker, tmp_path: Path, body: bytes, reason: str
) -> None:
    answer = call(make(broker), "POST", "/v1/social/meta", content=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)
    assert broker.records == []
    app = make(broker, meta_app_secret_file=secret(tmp_path))
    signature = {"X-Hub-Signature-256": "sha256=" + hmac.digest(b"s3cret", body, "sha256").hex()}
    answer = call(app, "POST", "/v1/social/meta", content=body, headers=signature)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 0)
    [letter] = broker.events("dead-letters", "DeadLetter")
    assert (letter["reason"], letter["value"], letter["topic"]) == (reason, body, "http:/v1/social/meta")


def test_what_the_operator_wrote_is_ignored(broker: Broker) -> None:
    app = make(broker, own_accounts=["x:@Ada_Obi"])
    answer = call(app, "POST", "/v1/social/x", json=examples.X)
    assert answer.json() == {"status": "accepted", "accepted": 0, "ignored": {"own_post": 1}}


def test_a_bad_post_among_good_ones_is_a_dead_letter(broker: Broker) -> None:
    data = [
        examples.X["data"],
        {"id": "2"},
        {"text": "no id"},
        {"id": "3", "text": "x", "created_at": "1970-01-01T00:00:00Z"},
    ]
    answer = call(make(broker), "POST", "/v1/social/x", json={"data": data})
    assert answer.json() == {"status": "accepted", "accepted": 1, "ignored": {"empty": 1}}
    assert sorted(e["reason"] for e in broker.events("dead-letters", "DeadLetter")) == [
        "bad_timestamp",
        "missing_field",
    ]


def test_a_broker_that_does_not_answer_is_503_with_retry_after(broker: Broker) -> None:
    broker.busy = True
    answer = call(make(broker), "POST", "/v1/social/x", json=examples.X)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
