"""Dead letters: records that could not be processed, whole, with the reason and where they came from."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.domain.vocabulary import DEAD_LETTER_REASONS

ATTEMPT_HEADER: Final = "replay-attempt"
"""Header of a replayed record: how often it has come back before."""
GROUP_HEADER: Final = "replay-group"
"""Header of a replayed record: the group that failed; other groups skip it."""
TRACE_HEADER: Final = "traceparent"

Headers = list[tuple[str, bytes | None]]


def dead_letter(
    *,
    group: str,
    service: str,
    reason: str,
    detail: str,
    topic: str,
    partition: int,
    offset: int,
    log_time: int,
    key: bytes | None,
    value: bytes | None,
    failed_at: int,
    headers: Iterable[tuple[str, bytes | None]] | None = None,
    dead_letter_id: str | None = None,
) -> dict[str, Any]:
    """A DeadLetter as a dict. `detail` says what and where, never the value.

    The id is made of group and origin; give another where the origin has no position (a request).
    """
    if reason not in DEAD_LETTER_REASONS:
        raise ValueError(f"{reason} is not in the closed list of reasons")
    kept = {name: content or b"" for name, content in headers or ()}
    return {
        "dead_letter_id": dead_letter_id or letter_id(group, topic, partition, offset),
        "group": group,
        "service": service,
        "reason": reason,
        "detail": detail,
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "log_time": log_time,
        "key": key,
        "value": value,
        "headers": kept,
        "failed_at": failed_at,
        "attempt": attempt(kept),
    }


def letter_id(group: str, topic: str, partition: int, offset: int) -> str:
    """Id of the letter for one failure: positions identify nobody, so a plain hash is enough."""
    return hashlib.sha256(f"{group}\x1f{topic}\x1f{partition}\x1f{offset}".encode()).hexdigest()[:32]


def attempt(headers: Mapping[str, bytes]) -> int:
    """How often a record has come back from dead-letters; 0 for a record that never was there."""
    raw = headers.get(ATTEMPT_HEADER, b"0")
    return int(raw) if raw.isdigit() and len(raw) < 6 else 0
