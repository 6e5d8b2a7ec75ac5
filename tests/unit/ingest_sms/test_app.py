"""The HTTP application, with a broker that is a list."""

import asyncio
import base64
import hmac
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.domain.identity import IdKey
from services.ingest_sms import app as application
from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.settings import IngestSmsSettings
from services.runtime.codec import Codec
from services.runtime.errors import BrokerBusy, SettingsError
from services.runtime.health import Health
from services.runtime.publish import Publication

CODEC = Codec()
IDS = IdKey(b"0123456789abcdef")


class Broker:
    """Keeps what is published, or refuses it."""

    def __init__(self) -> None:
        self.records: list[Publication] = []
        self.busy = False
        self.gate: asyncio.Event | None = None

    async def publish(self, records: Sequence[Publication]) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.busy:
            raise BrokerBusy("the broker did not confirm in time")
        self.records += records

    def events(self, topic: str = "bronze.realtime", record: str = "BronzeEvent") -> list[dict[str, Any]]:
        return [CODEC.decode(record, r.value) for r in self.records if r.topic == topic]


@pytest.fixture
def broker() -> Broker:
    return Broker()


def make(broker: Broker, **options: Any) -> FastAPI:
    return application.create(IngestSmsSettings(**options), broker, IDS, CODEC, Health())


def call(app: FastAPI, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://sms.example.ng") as client:
            return [await client.request(method, url, **options) for method, url, options in requests]

    return asyncio.run(go())


def post(app: FastAPI, url: str, **options: Any) -> httpx.Response:
    return call(app, ("POST", url, options))[0]


def test_accepts_a_message_and_tells_the_complaints_id(broker: Broker) -> None:
    answer = post(
        make(broker), "/v1/sms/generic", json={"message_id": "1", "sender": "08031234567", "text": "no network"}
    )
    [event] = broker.events()
    assert (answer.status_code, answer.json()["complaints"]) == (200, [event["complaint_id"]])
    assert event["payload"] == answer.request.content
    assert event["payload_type"] == "application/json"


@pytest.mark.parametrize("name", sorted(GATEWAYS))
def test_the_documented_example_works(broker: Broker, name: str) -> None:
    app = make(broker)
    document = call(app, ("GET", "/openapi.json", {}))[0].json()
    operation = document["paths"][f"/v1/sms/{name}"]["post"]
    [(media_type, shown)] = operation["requestBody"]["content"].items()
    body = json.dumps(shown["example"]) if media_type == "application/json" else shown["example"]
    answer = post(app, f"/v1/sms/{name}", content=body, headers={"Content-Type": media_type})
    assert answer.status_code == 200
    assert answer.content == GATEWAYS[name].answer.body or name == "generic"
    assert [e["source"] for e in broker.events()] == [f"sms:{name}"]


def test_the_documented_status_report_works(broker: Broker) -> None:
    app = make(broker)
    document = call(app, ("GET", "/openapi.json", {}))[0].json()
    example = document["paths"]["/v1/status"]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = post(app, "/v1/status", json=[example, example | {"status": "closed"}])
    assert (answer.status_code, answer.json()["accepted"]) == (200, 2)
    assert [u["status"] for u in broker.events("ingest.status", "StatusUpdate")] == ["Resolved", "closed"]
    assert broker.records[0].key == broker.records[1].key


@pytest.mark.parametrize(
    ("url", "body", "status", "reason"),
    [
        ("/v1/sms/generic", b"{", 400, "malformed"),
        ("/v1/sms/generic", b'{"sender":"1"}', 400, "missing_field"),
        ("/v1/sms/generic", b'{"sender":"1","text":"\xff"}', 400, "bad_text"),
        ("/v1/sms/generic", b'{"sender":"1","text":"x","sent_at":"1970-01-01T00:00:00Z"}', 400, "bad_timestamp"),
        ("/v1/status", b'{"status":"closed"}', 400, "missing_field"),
        ("/v1/status", b'{"source":"sms:x","source_id":"1","status":"odd"}', 400, "bad_field"),
        ("/v1/status", b"[]", 400, "missing_field"),
    ],
)
def test_refuses_with_the_reason_as_json(broker: Broker, url: str, body: bytes, status: int, reason: str) -> None:
    answer = post(make(broker), url, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert broker.records == []


def test_unknown_gateways_methods_and_large_bodies_are_refused(broker: Broker) -> None:
    app = make(broker)
    unknown, method, large = call(
        app,
        ("POST", "/v1/sms/nobody", {}),
        ("GET", "/v1/sms/infobip", {}),
        ("POST", "/v1/sms/generic", {"content": b"x" * 1_100_000}),
    )
    assert [unknown.status_code, method.status_code, large.status_code] == [404, 405, 413]
    assert all("error" in answer.json() for answer in (unknown, method, large))


def test_a_batch_keeps_the_bytes_of_each_message_and_sends_bad_ones_to_dead_letters(broker: Broker) -> None:
    body = b'{"results":[{"from":"2348031234567","text":"a"},  {"text":"b"},{"from":"2348031234568",\n"text":"c"}]}'
    answer = post(make(broker), "/v1/sms/infobip", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert [e["payload"] for e in broker.events()] == [
        b'{"from":"2348031234567","text":"a"}',
        b'{"from":"2348031234568",\n"text":"c"}',
    ]
    [letter] = broker.events("dead-letters", "DeadLetter")
    assert (letter["reason"], letter["value"]) == ("missing_field", b'{"text":"b"}')
    assert letter["topic"] == "http:/v1/sms/infobip"


def test_an_absurd_time_in_a_batch_is_a_dead_letter(broker: Broker) -> None:
    messages = [{"sender": "1", "text": "x", "sent_at": 1}, {"sender": "08031234567", "text": "y"}]
    answer = post(make(broker), "/v1/sms/generic", json=messages)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert [r["reason"] for r in answer.json()["rejected"]] == ["bad_timestamp"]
    assert [e["reason"] for e in broker.events("dead-letters", "DeadLetter")] == ["bad_timestamp"]


def test_receipts_are_answered_and_give_nothing(broker: Broker) -> None:
    answer = post(make(broker), "/v1/sms/twilio", data={"MessageSid": "SM1", "MessageStatus": "delivered"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert broker.records == []


def test_a_part_of_a_long_sms_goes_to_the_topic_where_parts_meet(broker: Broker) -> None:
    part = {"msisdn": "2348031234567", "to": "2", "messageId": "m1", "text": "a", "concat": "true", "concat-ref": "1",
            "concat-total": "2", "concat-part": "1"}  # fmt: skip
    assert post(make(broker), "/v1/sms/vonage", json=part).status_code == 200
    [message] = broker.events("ingest.sms", "SmsMessage")
    assert message["attributes"]["part_number"] == "1"
    assert b"234803" not in (broker.records[0].key or b"")


def test_a_get_keeps_the_query_but_not_the_secret_in_it(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "s").write_text("s3cret")
    app = make(broker, sms_kannel_secret_file=tmp_path / "s")
    url = "/v1/sms/kannel?sender=08031234567&message=a+b&token=s3cret&id=1"
    assert call(app, ("GET", url, {}))[0].status_code == 200
    assert [e["payload"] for e in broker.events()] == [b"sender=08031234567&message=a+b&id=1"]
    assert call(app, ("GET", url.replace("s3cret", "x"), {}))[0].status_code == 401


def test_twilio_is_checked_against_the_public_address(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("12345\n")
    app = make(broker, sms_twilio_token_file=tmp_path / "token", sms_public_url="https://public.example.ng")
    fields = {"MessageSid": "SM1", "From": "+2348031234567", "Body": "x"}
    signed = "https://public.example.ng/v1/sms/twilio?a=%20b" + "".join(k + v for k, v in sorted(fields.items()))
    signature = base64.b64encode(hmac.digest(b"12345", signed.encode(), "sha1")).decode()
    good = post(app, "/v1/sms/twilio?a=%20b", data=fields, headers={"X-Twilio-Signature": signature})
    bad = post(app, "/v1/sms/twilio?a=%20c", data=fields, headers={"X-Twilio-Signature": signature})
    none = post(app, "/v1/sms/twilio", data=fields)
    assert [good.status_code, bad.status_code, none.status_code] == [200, 401, 401]
    assert [bad.json()["reason"], none.json()["reason"]] == ["bad_signature", "missing_signature"]
    assert len(broker.records) == 1


def test_keys_are_asked_for_where_they_are_set(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k")
    app = make(broker, sms_generic_key_file=tmp_path / "key", status_key_file=tmp_path / "key")
    sms = {"sender": "08031234567", "text": "x"}
    status = {"source": "sms:x", "source_id": "1", "status": "closed"}
    for url, body in (("/v1/sms/generic", sms), ("/v1/status", status)):
        assert post(app, url, json=body).status_code == 401
        assert post(app, url, json=body, headers={"X-API-Key": "no"}).status_code == 401
        assert post(app, url, json=body, headers={"X-API-Key": "k"}).status_code == 200


def test_a_mapping_adds_a_gateway(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text("gateway: acme\nfields: {sender: a, text: b}\nanswer: {body: OK}\n")
    (tmp_path / "mine.yaml").write_text("fields: {sender: c, text: d}\n")
    app = make(broker, sms_mapping_files=[tmp_path / "acme.yaml", tmp_path / "mine.yaml"])
    assert post(app, "/v1/sms/acme", json={"a": "08031234567", "b": "x"}).text == "OK"
    assert post(app, "/v1/sms/generic", json={"c": "08031234567", "d": "y"}).status_code == 200
    assert [(e["source"], e["text"]) for e in broker.events()] == [("sms:acme", "x"), ("sms:generic", "y")]
    (tmp_path / "acme.yaml").write_text("gateway: twilio\nfields: {sender: a, text: b}\n")
    with pytest.raises(SettingsError, match="exists already"):
        make(broker, sms_mapping_files=[tmp_path / "acme.yaml"])


def test_a_broker_that_does_not_answer_is_503_with_retry_after(broker: Broker) -> None:
    broker.busy = True
    answer = post(make(broker), "/v1/sms/generic", json={"sender": "08031234567", "text": "x"})
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert "error" in answer.json()


def test_too_many_waiting_requests_are_429_and_the_place_is_given_back(broker: Broker) -> None:
    app = make(broker, ingest_sms_max_waiting=2)

    async def go() -> list[int]:
        broker.gate = asyncio.Event()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:

            def send() -> "asyncio.Task[httpx.Response]":
                body = {"sender": "08031234567", "text": "x"}
                return asyncio.create_task(client.post("/v1/sms/generic", json=body))

            waiting = [send(), send()]
            for _ in range(50):
                await asyncio.sleep(0)
            refused = await send()
            assert int(refused.headers["retry-after"]) > 0
            broker.gate.set()
            done = [(await task).status_code for task in waiting]
            return [refused.status_code, *done, (await send()).status_code]

    assert asyncio.run(go()) == [429, 200, 200, 200]


def test_no_answer_holds_what_was_sent(broker: Broker) -> None:
    secret = "08037654321"
    app = make(broker)
    bodies: list[Callable[[], Any]] = [
        lambda: {"sender": secret, "text": [secret]},
        lambda: {"sender": secret, "text": "x", "sent_at": secret + "x"},
        lambda: {"sender": secret, "text": "x", "gateway": secret + " !"},
        lambda: secret + "{",
    ]
    for body in bodies:
        answer = post(app, "/v1/sms/generic", json=body())
        assert answer.status_code == 400
        assert secret not in answer.text
