"""Every stage of the pipeline as a case of the behaviour suite."""

import json
import random
from datetime import UTC, datetime

from services.classifier.clocks import Clocks
from services.classifier.handler import SPEC as CLASSIFIER_SPEC
from services.classifier.handler import ClassifierHandler
from services.classifier.model import Classifier
from services.cleaner.handler import SPEC as CLEANER_SPEC
from services.cleaner.handler import Cleaner
from services.cleaner.masking import Masker
from services.domain.bronze import bronze_event
from services.domain.identity import IdKey, KeyVersion, PseudonymKeys
from services.domain.places import Gazetteer
from services.ingest_sms.handler import SPEC as SMS_SPEC
from services.ingest_sms.handler import SmsHandler
from services.ingest_social.handler import SPEC as SOCIAL_SPEC
from services.ingest_social.handler import SocialHandler
from services.runtime.stage import Record
from tests.integration.stages import CODEC, Case

IDS = IdKey(b"an id key for tests only")
KEYS = PseudonymKeys([KeyVersion(1, 0, b"a pseudonym key for tests only")])
TEXTS = (
    "No network for Ajah since morning, I cannot call anybody at all",
    "You people deducted my money again, refund me now please",
    "Data no dey work since yesterday, abeg fix am",
    "I recharged 2000 naira and my balance did not change",
)


def bronze(number: int, lane: str, seed: int) -> list[tuple[bytes, bytes]]:
    """Bronze events of different customers, an hour old at most."""
    rng = random.Random(seed)
    now = int(datetime.now(UTC).timestamp() * 1000)
    made = []
    for index in range(number):
        key, event = bronze_event(
            IDS,
            source="sms:generic" if lane == "realtime" else "call_center:test",
            own_id=f"{lane}-{seed}-{index}",
            channel="sms" if lane == "realtime" else "call_center",
            lane=lane,
            action="created",
            identifiers=[("msisdn", f"0803{rng.randrange(10**7):07d}")],
            recipient="131",
            text=f"{rng.choice(TEXTS)} ({index})",
            occurred_at=now - rng.randrange(3_600_000),
            received_at=now,
            payload=b"{}",
            payload_type="application/json",
        )
        made.append((key, CODEC.encode("BronzeEvent", event)))
    return made


def silver(number: int, lane: str, seed: int) -> list[tuple[bytes, bytes]]:
    """Silver events as the cleaner makes them."""
    inputs = bronze(number, lane, seed)
    records = [Record(f"bronze.{lane}", 0, n, 0, key, value, None) for n, (key, value) in enumerate(inputs)]
    outcomes = cleaner().handle(records, lane, int(datetime.now(UTC).timestamp() * 1000))
    assert len(outcomes.outputs) == number, outcomes.failures
    return [(output.key or b"", output.value) for output in outcomes.outputs]


def cleaner() -> Cleaner:
    """A cleaner with nothing remembered."""
    return Cleaner(CODEC, Masker.load(), KEYS, Gazetteer.load())


def classifier() -> ClassifierHandler:
    """A classifier with nothing remembered and no incident open."""
    return ClassifierHandler(CODEC, Classifier.load(), Gazetteer.load(), Clocks.load(), lambda *_: None)


def _messages(number: int, record: str, seed: int) -> list[tuple[bytes, bytes]]:
    """Records of direct producers, half Avro, half JSON."""
    rng, now = random.Random(seed), int(datetime.now(UTC).timestamp() * 1000)
    made = []
    for index in range(number):
        text = f"{rng.choice(TEXTS)} ({index})"
        sms = {
            "message_id": f"{seed}-{index}",
            "sender": f"0803{rng.randrange(10**7):07d}",
            "recipient": "131",
            "text": text,
            "sent_at": now - index,
            "gateway": "test",
            "attributes": {},
        }
        social = {
            "post_id": f"{seed}{index:09d}",
            "network": "x",
            "action": "created",
            "author_id": str(rng.randrange(10**9)),
            "author_handle": f"customer{index}",
            "text": text,
            "created_at": now - index,
        }
        value = sms if record == "SmsMessage" else social
        whole = value if record == "SmsMessage" else social | dict.fromkeys(("language", "in_reply_to", "url", "place"))
        encoded = (
            CODEC.encode(record, whole | {"followers": None, "attributes": {}}) if index % 2 else json.dumps(value)
        )
        made.append((str(index).encode(), encoded.encode() if isinstance(encoded, str) else encoded))
    return made


CASES = (
    Case(
        "ingest-sms",
        SMS_SPEC,
        lambda: SmsHandler(CODEC, IDS),
        lambda number, lane, seed: _messages(number, "SmsMessage", seed),
        {"realtime": "bronze.realtime"},
        "BronzeEvent",
    ),
    Case(
        "ingest-social",
        SOCIAL_SPEC,
        lambda: SocialHandler(CODEC, IDS),
        lambda number, lane, seed: _messages(number, "SocialPost", seed),
        {"realtime": "bronze.realtime"},
        "BronzeEvent",
    ),
    Case(
        "cleaner",
        CLEANER_SPEC,
        cleaner,
        bronze,
        {"realtime": "silver.realtime", "batch": "silver.batch"},
        "SilverEvent",
    ),
    Case(
        "classifier",
        CLASSIFIER_SPEC,
        classifier,
        silver,
        {"realtime": "gold.realtime", "batch": "gold.batch"},
        "GoldEvent",
    ),
)
