"""A gateway described by a YAML file."""

import hmac
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from services.ingest_sms.gateway import Gateway
from services.ingest_sms.mapping import gateway_of, load
from services.ingest_sms.request import Refused
from services.ingest_sms.signatures import Credentials
from services.runtime.errors import SettingsError
from tests.unit.ingest_sms.requests import NOW, form, get, json_request

Make = Callable[[str], Gateway]

ACME = """
gateway: acme
items: data.messages
fields:
  message_id: id
  sender: [from, msisdn]
  recipient: to
  text: content.body
  sent_at: {path: ts, format: "%d/%m/%Y %H:%M:%S", zone: Africa/Lagos}
  attributes: {network: operator.code}
receipt: {path: type, equals: [dlr, report]}
answer: {body: OK, media_type: text/plain, status: 202}
signature: {header: X-Acme-Signature, algorithm: sha256, prefix: "sha256="}
methods: [POST, GET]
"""


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(text: str) -> Gateway:
        path = tmp_path / "mapping.yaml"
        path.write_text(dedent(text))
        return gateway_of(load(path))

    return build


def test_reads_a_batch_of_nested_messages(make: Make) -> None:
    item = {"id": 7, "msisdn": "0803", "to": 2020, "content": {"body": "hi"}, "ts": "02/03/2026 07:04:45"}
    report = {"type": "DLR", "id": 8}
    request = json_request({"data": {"messages": [item | {"operator": {"code": "62130"}}, report, {"id": 9}]}})
    parsed = make(ACME).parse(request, 5)
    assert parsed.messages == [
        {
            "message_id": "7",
            "sender": "0803",
            "recipient": "2020",
            "text": "hi",
            "sent_at": NOW,
            "gateway": "acme",
            "attributes": {"network": "62130"},
        }
    ]
    assert parsed.ignored == {"delivery_receipt": 1}
    assert [(r.index, r.reason) for r in parsed.rejected] == [(2, "missing_field")]


def test_answers_and_methods_are_the_mappings(make: Make) -> None:
    gateway = make(ACME)
    assert (gateway.name, gateway.answer.body, gateway.answer.status) == ("acme", b"OK", 202)
    assert gateway.methods == ("POST", "GET")


def test_reads_forms_and_queries(make: Make) -> None:
    gateway = make("fields: {sender: src, text: msg, sent_at: when}")
    for request in (form("src=1&msg=a+b&when=2026-03-02T06:04:45Z"), get("src=1&msg=a%20b&when=1772431485")):
        message = gateway.parse(request, 5).messages[0]
        assert (message["gateway"], message["text"], message["sent_at"]) == ("generic", "a b", NOW)


@pytest.mark.parametrize(
    ("form_", "value", "expected"),
    [
        ("epoch", "1772431485", NOW),
        ("iso", "2026-03-02 07:04:45", NOW),
        ("guess", "2026-03-02 07:04:45", NOW),
        ("%Y%m%d%H%M%S", 20260302070445, NOW),
        ("%d/%m/%Y %H:%M:%S %z", "02/03/2026 06:04:45 +0000", NOW),
    ],
)
def test_reads_times_as_written(make: Make, form_: str, value: object, expected: int) -> None:
    gateway = make(f'fields: {{sender: s, text: t, sent_at: {{path: at, format: "{form_}", zone: Africa/Lagos}}}}')
    assert gateway.parse(json_request({"s": "1", "t": "x", "at": value}), 5).messages[0]["sent_at"] == expected


def test_refuses_what_does_not_fit(make: Make) -> None:
    gateway = make(ACME)
    item = {"from": "1", "content": {"body": "hi"}, "ts": "2026-03-02"}
    for document, reason in (
        ({"data": {}}, "missing_field"),
        ({"data": {"messages": [item]}}, "bad_timestamp"),
        ({"data": {"messages": [item | {"content": "hi"}]}}, "missing_field"),
        ({"data": {"messages": ["x"]}}, "malformed"),
    ):
        with pytest.raises(Refused) as refused:
            gateway.parse(json_request(document), 5)
        assert refused.value.reason == reason


def test_checks_the_signature_it_names(make: Make) -> None:
    gateway = make(ACME)
    body = b'{"data": 1}'
    digest = hmac.digest(b"k", body, "sha256").hex()
    gateway.verify(json_request(body, x_acme_signature=f"sha256={digest}"), Credentials("k"), NOW)
    for wrong in (digest, f"sha256={digest}0", ""):
        with pytest.raises(Refused):
            gateway.verify(json_request(body, x_acme_signature=wrong), Credentials("k"), NOW)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields: {sender: a}", "fields.text"),
        ("fields: {sender: a, text: b, colour: c}", "fields.colour"),
        ("fields: {sender: a, text: b, sent_at: {path: c, zone: Lagos}}", "time zone"),
        ("gateway: Not A Name\nfields: {sender: a, text: b}", "gateway"),
        ("- a", "the file"),
        ("{", "not YAML"),
    ],
)
def test_a_wrong_mapping_says_which_entry(make: Make, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make(text)


def test_a_missing_mapping_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "none.yaml")
