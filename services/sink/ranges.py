"""Contiguous ranges of one partition: how they are declared in the group's committed offset, and their tokens.

The sink commits `first` with the range as metadata ("pending"), inserts, then commits `end` without metadata. Whoever
is assigned the partition next finds either nothing pending or the exact range to insert again under the same token.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from services.runtime.errors import PipelineError

METADATA_LIMIT: Final = 4_000
"""Kafka's offset.metadata.max.bytes is 4,096."""
_FORM: Final = "r1"

Cut = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Range:
    """Positions [first, end) of one partition of one incarnation of a topic.

    `rejected` names the parcels of rows, as index ranges, that ClickHouse refused as a whole: they are never sent
    whole again, so that a replay sends exactly the sub-ranges, and tokens, of the first time.
    """

    topic: str
    partition: int
    first: int
    end: int
    epoch: str
    """Id of the topic: a topic made anew begins at offset 0 again, and must not find the old one's tokens."""
    rejected: frozenset[tuple[str, int, int]] = field(default=frozenset())

    def token(self, part: str, low: int, high: int) -> str:
        """insert_deduplication_token of rows [low, high) of one part of the range: a pure function of all of them.

        >>> r = Range("gold.batch", 3, 10, 20, "e")
        >>> r.token("6", 0, 10) == Range("gold.batch", 3, 10, 20, "e").token("6", 0, 10)
        True
        >>> r.token("6", 0, 10) == Range("gold.batch", 3, 10, 21, "e").token("6", 0, 10)
        False
        """
        parts = (self.epoch, self.topic, self.partition, self.first, self.end, part, low, high)
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()

    def with_rejected(self, part: str, low: int, high: int) -> "Range":
        """The same range, with one more refusal on record."""
        cut = (part, low, high)
        return Range(self.topic, self.partition, self.first, self.end, self.epoch, self.rejected | {cut})

    def metadata(self) -> str:
        """The range as metadata of the committed offset `first`.

        Refusals beyond METADATA_LIMIT are left out, smallest rows first: a replay then finds them again by itself.
        """
        text = f"{_FORM} {self.end} {self.epoch}"
        for part, low, high in sorted(self.rejected, key=lambda cut: (cut[1] - cut[2], cut)):
            cut_text = f" {part}:{low}-{high}"
            if len(text) + len(cut_text) > METADATA_LIMIT:
                break
            text += cut_text
        return text


def pending(topic: str, partition: int, first: int, metadata: str | None) -> Range | None:
    """The range that metadata declares at a committed offset; None where nothing is pending.

    PipelineError for metadata of a form that this version does not know: it may stand for an insert that was made.

    >>> pending("gold.batch", 3, 10, Range("gold.batch", 3, 10, 20, "e").metadata())
    Range(topic='gold.batch', partition=3, first=10, end=20, epoch='e', rejected=frozenset())
    """
    if not metadata:
        return None
    try:
        form, end, epoch, *cuts = metadata.split(" ")
        if form != _FORM or int(end) < first:
            raise ValueError
        rejected = frozenset(_cut(cut) for cut in cuts)
        return Range(topic, partition, first, int(end), epoch, rejected)
    except ValueError:
        raise PipelineError(
            f"{topic}[{partition}]: the group's offset {first} bears metadata that this version cannot read; "
            "run the version that wrote it once, or reset the offset by hand"
        ) from None


def _cut(text: str) -> tuple[str, int, int]:
    part, _, rows = text.rpartition(":")
    low, _, high = rows.partition("-")
    return part, int(low), int(high)
