"""Ledger entries balance or are not written; outputs are told as the broker confirmed them."""

import pytest

from services.runtime.ledger import HOUR_MS, Counts, Outputs, entry


class Message:
    def __init__(self, topic: str, partition: int, offset: int, at: int) -> None:
        self._all = topic, partition, offset, at

    def topic(self) -> str:
        return self._all[0]

    def partition(self) -> int:
        return self._all[1]

    def offset(self) -> int:
        return self._all[2]

    def timestamp(self) -> tuple[int, int]:
        return 2, self._all[3]


def _entry(counts: Counts, outputs: Outputs | None = None) -> dict[str, object]:
    return entry(
        service="cleaner",
        topic="bronze.realtime",
        partition=3,
        from_position=10,
        to_position=14,
        log_hour=5 * HOUR_MS + 1,
        committed_at=0,
        instance="0",
        counts=counts,
        outputs=outputs,
    )


def test_an_entry_that_does_not_balance_is_refused() -> None:
    with pytest.raises(ValueError, match="does not balance"):
        _entry(Counts(read=3, written=2))


def test_every_fate_counts_for_the_balance() -> None:
    made = _entry(Counts(read=5, split=2, written=3, joined=1, ignored=1, redelivered=1, dead=1))
    assert made["log_hour"] == 5 * HOUR_MS


def test_outputs_are_grouped_by_topic_partition_and_hour() -> None:
    outputs = Outputs("p.")
    for offset, at in ((7, HOUR_MS - 1), (9, HOUR_MS), (8, HOUR_MS)):
        outputs.delivered(None, Message("p.silver.realtime", 1, offset, at))  # type: ignore[arg-type]
    assert _entry(Counts(read=3, written=3), outputs)["outputs"] == [
        {"topic": "silver.realtime", "partition": 1, "log_hour": 0, "records": 1, "first_offset": 7, "last_offset": 7},
        {
            "topic": "silver.realtime",
            "partition": 1,
            "log_hour": HOUR_MS,
            "records": 2,
            "first_offset": 8,
            "last_offset": 9,
        },
    ]
