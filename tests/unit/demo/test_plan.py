"""What is sent, and what is expected of it."""

import json
from collections import Counter
from urllib.parse import parse_qs

import pytest

from demo import plan
from demo.deliveries import Call, Occasion, TopicRecord
from demo.faults import records, requests
from demo.sms import twilio_signature
from services.domain.vocabulary import CHANNELS, DEAD_LETTER_REASONS
from services.runtime.codec import Codec

OCCASION = Occasion(1_772_449_200_000, "test", twilio_token="token", meta_secret="secret")


@pytest.fixture(scope="module")
def made() -> plan.Plan:
    return plan.make(OCCASION, Codec())


def test_all_four_channels_are_expected(made: plan.Plan) -> None:
    channels = set(made.expected.events)
    assert {"sms", "x", "facebook", "instagram", "call_center", "web_form"} <= channels <= set(CHANNELS)


def test_every_message_is_sent_and_every_redelivery_is_counted(made: plan.Plan) -> None:
    sent = Counter(delivery.origin for delivery in (*made.first, *made.then))
    assert max(sent.values()) == 3
    faults = len(requests()) + len(records())
    later_states = sum(origin.endswith((" edited", " removed")) for origin in sent)
    assert len(made.then) == made.expected.redelivered + faults + later_states
    assert made.expected.redelivered >= 10


def test_a_second_delivery_is_the_same_bytes(made: plan.Plan) -> None:
    first = {delivery.origin: delivery for delivery in made.first}
    again = [delivery for delivery in made.then if delivery.origin in first]
    assert again
    assert all(delivery == first[delivery.origin] for delivery in again)


def test_two_runs_use_different_ids() -> None:
    bodies = [
        {d.body for d in plan.make(Occasion(1_772_449_200_000, run), Codec()).first if isinstance(d, Call)}
        for run in ("one", "two")
    ]
    assert not bodies[0] & bodies[1]


def test_all_ways_of_delivery_are_used(made: plan.Plan) -> None:
    paths = Counter(delivery.url.split("/v1/")[1] for delivery in made.first if isinstance(delivery, Call))
    topics = Counter(delivery.topic for delivery in made.first if isinstance(delivery, TopicRecord))
    assert set(paths) == {"sms/africastalking", "sms/twilio", "sms/generic", "social/meta"}
    assert set(topics) == {"ingest.sms", "ingest.social"}
    starts = {(d.topic, d.value[0]) for d in made.first if isinstance(d, TopicRecord) and d.value}
    assert starts == {(topic, first) for topic in topics for first in (0, ord("{"))}  # Avro and JSON


def test_twilio_requests_are_signed_as_twilio_signs() -> None:
    # the worked example of Twilio's documentation
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    signature = twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)
    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_port_and_form_of_a_twilio_request_are_what_is_signed(made: plan.Plan) -> None:
    call = next(d for d in made.first if isinstance(d, Call) and d.url.endswith("/twilio"))
    form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    assert call.headers["x-twilio-signature"] == twilio_signature("token", call.url, form)


def test_removed_comments_bear_no_text(made: plan.Plan) -> None:
    removed = [d for d in made.then if isinstance(d, Call) and d.origin.endswith(" removed")]
    assert removed
    for call in removed:
        assert "message" not in json.loads(call.body)["entry"][0]["changes"][0]["value"]


def test_faults_cover_most_reasons_for_dead_letters() -> None:
    covered = {fault.dead for fault in records()}
    assert all(fault.dead for fault in records())
    assert covered <= set(DEAD_LETTER_REASONS)
    assert len(covered) >= 7


def test_identifiers_hold_numbers_in_a_form_that_is_found_with_any_prefix(made: plan.Plan) -> None:
    assert "8030001000" not in made.identifiers
    assert any(identifier.isdigit() and len(identifier) == 10 for identifier in made.identifiers)
    assert any("@" in identifier for identifier in made.identifiers)
