"""Every stage of the pipeline as a case of the behaviour suite."""

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
    from services.runtime.stage import Record

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


CASES = (
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
