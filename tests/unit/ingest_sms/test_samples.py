"""Samples and vectors from the vendors' own documentation, read in place."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.ingest_sms.gateways import GATEWAYS, vonage
from services.ingest_sms.signatures import Credentials
from tests.unit.ingest_sms.requests import NOW, form, get, json_request, only, parse

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendors' samples (shared/data/samples) are not here")


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


def test_infobip() -> None:
    message = only("infobip", json_request(sample("infobip/mo_json_2.json")))
    assert message["message_id"] == "0191e180-7d60-7000-aded-7d8b151cbd5b"
    assert (message["sender"], message["recipient"]) == ("385916242493", "385921004026")
    assert (message["text"], message["sent_at"]) == ("QUIZ Correct answer is Paris", 1475746119220)


def test_termii() -> None:
    assert parse("termii", json_request(sample("termii/delivery_or_inbound.json"))).ignored == {"delivery_receipt": 1}


def test_twilio_signatures() -> None:
    vectors = sample("twilio/signature_vectors.json")
    for vector in vectors["vectors"]:
        request = form(vector["params"], vector["url"], x_twilio_signature=vector["signature"])
        GATEWAYS["twilio"].verify(request, Credentials(vectors["auth_token"]), NOW)


def test_vonage_messages() -> None:
    document = sample("vonage/docs_fields.json")
    for request in (json_request(document["single"]), form(document["single"]), get(document["single"])):
        message = only("vonage", request)
        assert (message["message_id"], message["sender"]) == ("0A0000000123ABCD1", "447700900001")
        assert (message["text"], message["sent_at"]) == ("Hello world", 1577880000000)
    part = only("vonage", form(document["single"] | document["concatenated_extra"]))
    assert part["attributes"]["part_number"] == "2"


def test_vonage_signatures() -> None:
    vectors = sample("vonage/signature_vectors.json")
    for vector in vectors["vectors"]:
        method = vector["method"].removesuffix("-hmac")
        request = form(vector["params"] | {"sig": vector["sig"]})
        vonage.verify(request, Credentials(vectors["signature_secret"], method), NOW)
        vonage.verify(request, Credentials(vectors["signature_secret"]), NOW)
