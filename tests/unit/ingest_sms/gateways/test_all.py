"""What holds for every gateway."""

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Refused, Request
from services.ingest_sms.signatures import Credentials
from tests.unit.ingest_sms.requests import NOW

_NAMES = sorted(GATEWAYS)
_FIELDS = [
    "id",
    "from",
    "to",
    "text",
    "date",
    "From",
    "To",
    "Body",
    "MessageSid",
    "sender",
    "message",
    "msisdn",
    "messageId",
    "content",
    "coding",
    "results",
]
_VALUES = st.one_of(
    st.text(max_size=12), st.integers(), st.none(), st.booleans(), st.floats(allow_nan=False), st.just([])
)
_TYPES = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "", "charset=x"])


def _json(document: object) -> bytes:
    return json.dumps(document).encode()


_BODIES = st.one_of(
    st.binary(max_size=80),
    st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=8).map(_json),
    st.lists(st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=5), max_size=3).map(_json),
    st.lists(st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=5), max_size=3).map(
        lambda items: _json({"results": items})
    ),
    st.text(string.printable, max_size=80).map(lambda text: b"from=1&to=2&id=3&text=" + text.encode()),
)


@pytest.mark.parametrize("name", _NAMES)
@settings(max_examples=60, deadline=None)
@given(_BODIES, _TYPES, st.text(max_size=30))
def test_any_bytes_give_messages_or_a_reason(name: str, body: bytes, media_type: str, query: str) -> None:
    request = Request("POST", f"/x?{query}", {"content-type": media_type}, body)
    try:
        parsed = GATEWAYS[name].parse(request, NOW)
    except Refused as refused:
        status = refused.status
    else:
        status = 0
    if status:
        assert 400 <= status < 500
        return
    assert parsed.messages or parsed.ignored
    for message in parsed.messages:
        assert message["sender"].strip()
        assert isinstance(message["sent_at"], int)
        message["text"].encode()
        for value in message["attributes"].values():
            value.encode()


@pytest.mark.parametrize("name", _NAMES)
@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_any_signature_of_a_stranger_is_refused(name: str, body: bytes, value: str, query: str) -> None:
    headers = dict.fromkeys(
        ("authorization", "x-twilio-signature", "x-termii-signature", "x-signature", "x-api-key"), value
    )
    request = Request("POST", f"/x?token={query}&sig={value}", headers, body)
    with pytest.raises(Refused):
        GATEWAYS[name].verify(request, Credentials("a secret that nobody guesses"), NOW)


@pytest.mark.parametrize("name", _NAMES)
def test_the_example_is_a_message(name: str) -> None:
    gateway = GATEWAYS[name]
    assert gateway.example is not None
    request = Request("POST", "/x", {"content-type": gateway.example.media_type}, gateway.example.body.encode())
    assert len(gateway.parse(request, NOW).messages) == 1


@pytest.mark.parametrize("name", ["africastalking", "kannel", "jasmin", "mtn"])
def test_unsigned_gateways_take_a_secret_in_the_url(name: str) -> None:
    verify = GATEWAYS[name].verify
    verify(Request("POST", "/x?a=b&token=s%26cret", {}, b""), Credentials("s&cret"), NOW)
    verify(Request("POST", "/x", {"authorization": "Basic cyZjcmV0"}, b""), Credentials("s&cret"), NOW)
    for url in ("/x", "/x?token=", "/x?token=other&token=s%26cret"):
        with pytest.raises(Refused):
            verify(Request("POST", url, {}, b""), Credentials("s&cret"), NOW)
