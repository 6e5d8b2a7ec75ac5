"""The cleaner's handler: bronze in, silver out. Drops redeliveries, marks reposts, masks, fails closed."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from services.cleaner.masking import MaskedText, Masker
from services.cleaner.reposts import Entry, comparable
from services.cleaner.silver import Unfit, check, leaked, silver_event, text_of
from services.cleaner.state import Overlay, PartitionState
from services.domain.identity import PseudonymKeys
from services.domain.places import Gazetteer
from services.runtime.codec import Codec
from services.runtime.errors import CodecError
from services.runtime.metrics import metrics
from services.runtime.stage import Outcomes, Record, StageSpec

SPEC: Final = StageSpec(
    service="cleaner",
    group="cleaner",
    lanes={"realtime": ("bronze.realtime",), "batch": ("bronze.batch",)},
    changelog="cleaner-dedup-changelog",
    layer="silver",
)
OUTPUT: Final = {"realtime": "silver.realtime", "batch": "silver.batch"}

Decoded = tuple[int, Record, dict[str, Any], bytes]
"""Index in the batch, record, BronzeEvent, event id as 16 bytes."""


class Cleaner:
    """Turns bronze events into silver events. State: seen ids and recent masked texts, by partition."""

    def __init__(self, codec: Codec, masker: Masker, keys: PseudonymKeys, gazetteer: Gazetteer) -> None:
        self._codec = codec
        self._masker = masker
        self._keys = keys
        self._gazetteer = gazetteer
        self._states: dict[int, PartitionState] = {}

    def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:
        """Silver events of a batch of one lane."""
        outcomes = Outcomes(records)
        overlay = Overlay(self._states)
        masked_types: dict[str, int] = {}
        fresh = self._fresh(self._decoded(records, outcomes), overlay, outcomes)
        imputed: list[list[str]] = [[] for _ in fresh]
        texts = [text_of(bronze, filled) for (_, _, bronze, _), filled in zip(fresh, imputed, strict=True)]
        masked = self._masked(texts)
        for (index, record, bronze, one), text, filled in zip(fresh, masked, imputed, strict=True):
            if not overlay.first_in_batch(record.partition, one):
                outcomes.redelivered(index)
                continue
            try:
                silver, kept = self._silver(record, bronze, text, filled, overlay, now)
            except Unfit as unfit:
                outcomes.dead(index, unfit.reason, unfit.detail)
                continue
            overlay.remember(record.partition, one, bronze["received_at"], kept)
            for kind, number in silver["pii_counts"].items():
                masked_types[kind] = masked_types.get(kind, 0) + number
            outcomes.emit(
                index,
                OUTPUT[lane],
                record.key,
                self._codec.encode("SilverEvent", silver),
                channel=silver["channel"],
                occurred_at=silver["occurred_at"],
            )
        for partition, delta in overlay.deltas.items():
            outcomes.changelog(partition, self._codec.encode("CleanerState", delta.as_record()))
        outcomes.state = (overlay.deltas, masked_types)
        return outcomes

    def apply(self, outcomes: Outcomes) -> None:
        """Remember what was committed."""
        deltas, masked_types = outcomes.state
        for partition, delta in deltas.items():
            self._states.setdefault(partition, PartitionState()).add(delta)
            reposts = sum(1 for text in delta.texts if text.is_repost)
            if reposts:
                metrics().counter("reposts_marked").labels("cleaner").inc(reposts)
        for kind, number in masked_types.items():
            metrics().counter("pii_masked").labels(kind).inc(number)
        for failure in outcomes.failures.values():
            if failure.reason == "leak":
                for kind in failure.detail.removeprefix(_LEAK).split(", "):
                    metrics().counter("leaks_stopped").labels(kind).inc()

    def restore(self, partition: int, values: Iterable[bytes]) -> None:
        """Add changelog values to the state of a partition."""
        state = self._states.setdefault(partition, PartitionState())
        for value in values:
            state.restore(self._codec.decode("CleanerState", value))

    def drop(self, partition: int) -> None:
        """Forget a partition."""
        self._states.pop(partition, None)

    def _decoded(self, records: Sequence[Record], outcomes: Outcomes) -> list[Decoded]:
        decoded = []
        for index, record in enumerate(records):
            try:
                bronze = self._codec.decode("BronzeEvent", record.value)
                check(bronze)
                decoded.append((index, record, bronze, bytes.fromhex(bronze["event_id"].replace("-", ""))))
            except CodecError as error:
                outcomes.dead(index, error.reason, str(error))
            except Unfit as unfit:
                outcomes.dead(index, unfit.reason, unfit.detail)
        return decoded

    def _fresh(self, decoded: list[Decoded], overlay: Overlay, outcomes: Outcomes) -> list[Decoded]:
        """Those not seen before this batch. One look-up a partition: it asks sorted arrays for many ids at once."""
        by_partition: dict[int, list[Decoded]] = {}
        for item in decoded:
            by_partition.setdefault(item[1].partition, []).append(item)
        known: set[int] = set()
        for partition, items in by_partition.items():
            for item, seen in zip(items, overlay.seen(partition, [one for *_, one in items]), strict=True):
                if seen:
                    known.add(item[0])
                    outcomes.redelivered(item[0])
        return [item for item in decoded if item[0] not in known] if known else decoded

    def _masked(self, texts: list[str]) -> list[MaskedText | None]:
        """Masked texts; None where masking raised: that event fails closed, its neighbours pass."""
        try:
            return list(self._masker.mask_batch(texts))
        except Exception:
            return [self._masked_alone(text) for text in texts]

    def _masked_alone(self, text: str) -> MaskedText | None:
        try:
            return self._masker.mask(text)
        except Exception:
            return None

    def _silver(
        self,
        record: Record,
        bronze: dict[str, Any],
        masked: MaskedText | None,
        imputed: list[str],
        overlay: Overlay,
        now: int,
    ) -> tuple[dict[str, Any], Entry | None]:
        category_text = bronze["fields"].get("category")
        category = self._masked_alone(category_text) if category_text else None
        if masked is None or (category_text and category is None):
            raise Unfit("masking_failed", "masking raised: the event is held back")
        silver = silver_event(bronze, masked, category, self._keys, self._gazetteer, imputed, now)
        types = leaked(silver)
        if types:
            raise Unfit("leak", _LEAK + ", ".join(dict.fromkeys(types)))
        customer, text = silver["customer_key"], comparable(silver["text"])
        if customer is None or text is None:
            return silver, None
        place = record.partition, customer, silver["complaint_id"]
        silver["duplicate_of"] = overlay.repeats(*place, silver["occurred_at"], text)
        return silver, Entry(
            customer,
            silver["complaint_id"],
            silver["duplicate_of"] or silver["event_id"],
            silver["duplicate_of"] is not None,
            silver["occurred_at"],
            silver["received_at"],
            text,
        )


_LEAK: Final = "found after masking: "
