"""The pipeline's own form over HTTP."""

from typing import Any

import pytest

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Refused
from services.ingest_sms.signatures import Credentials
from tests.unit.ingest_sms.requests import NOW, form, json_request, only, parse, refusal

FULL: dict[str, Any] = {
    "message_id": "1",
    "sender": "+2348031234567",
    "recipient": "2020",
    "text": "No network",
    "sent_at": "2026-03-02T07:04:45+01:00",
    "gateway": "branch-office",
    "attributes": {"network": "62130", "roaming": False, "cells": 3},
}


def test_reads_all_fields() -> None:
    assert only("generic", json_request(FULL)) == FULL | {
        "sent_at": NOW,
        "attributes": {"network": "62130", "roaming": "false", "cells": "3"},
    }


def test_only_sender_and_text_are_needed() -> None:
    message = only("generic", json_request({"sender": 2348031234567, "text": "x"}))
    assert message == {
        "message_id": None,
        "sender": "2348031234567",
        "recipient": None,
        "text": "x",
        "sent_at": NOW,
        "gateway": "generic",
        "attributes": {"imputed": "occurred_at"},
    }


def test_reads_a_list_and_sets_bad_ones_aside() -> None:
    parsed = parse("generic", json_request([FULL, FULL | {"sender": None}, FULL | {"text": ""}]))
    assert (len(parsed.messages), parsed.ignored) == (1, {"empty": 1})
    assert [(r.index, r.reason) for r in parsed.rejected] == [(1, "missing_field")]


def test_reads_a_form_too() -> None:
    assert only("generic", form("sender=1&text=a+b&sent_at=1772431485"))["sent_at"] == NOW


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "malformed"),
        (b"hello", "malformed"),
        (b"[" * 100_000, "malformed"),
        ([], "missing_field"),
        ("x", "malformed"),
        ({"text": "x"}, "missing_field"),
        ({"sender": "1"}, "missing_field"),
        (FULL | {"sent_at": []}, "bad_timestamp"),
        (FULL | {"sent_at": 1e400}, "malformed"),
        (FULL | {"sent_at": -1e300}, "bad_timestamp"),
        (FULL | {"attributes": []}, "bad_field"),
        (FULL | {"gateway": "A B"}, "bad_field"),
        (FULL | {"sender": "1" * 400}, "bad_field"),
        (FULL | {"message_id": 1.5}, "bad_field"),
        (FULL | {"text": "half a \ud83d"}, "bad_text"),
    ],
)
def test_refuses_with_the_reason(document: Any, reason: str) -> None:
    assert refusal("generic", json_request(document)) == (reason, 400)


def test_takes_the_api_key_from_either_header() -> None:
    verify = GATEWAYS["generic"].verify
    verify(json_request(FULL, x_api_key="k"), Credentials("k"), NOW)
    verify(json_request(FULL, authorization="Bearer k"), Credentials("k"), NOW)
    for wrong in ({"x_api_key": "K"}, {"authorization": "Bearer"}, {"authorization": "Basic k"}, {}):
        with pytest.raises(Refused) as refused:
            verify(json_request(FULL, **wrong), Credentials("k"), NOW)
        assert refused.value.status == 401
