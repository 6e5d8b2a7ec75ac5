"""The stage over the topics ingest.sms and ingest.status: messages, parts of messages and status reports to bronze.

Parts of a long SMS wait in the state until all are there or their time is up. Parts that a producer did not key as
part_key() says are written to ingest.sms once more under that key, so that all of them meet in one partition. The
changelog is ingest.sms.parts: each waiting part as it is, and a marker for each message given out. Time passes by tick
records, which the process that runs the stage writes to its own partitions while parts wait there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from services.domain.identity import IdKey
from services.ingest_sms import direct, fields, status
from services.ingest_sms.assembly import Assembly, Draft, Waiting
from services.ingest_sms.bronze import STATUS_NAMES, sms_event, status_event
from services.ingest_sms.parts import is_part, part_key
from services.ingest_sms.request import Refused
from services.runtime.codec import Codec
from services.runtime.errors import CodecError
from services.runtime.stage import Outcomes, Record, StageSpec

GROUP: Final = "ingest-sms"
SPEC: Final = StageSpec(
    service="ingest-sms",
    group=GROUP,
    lanes={"realtime": ("ingest.sms", "ingest.status")},
    changelog="ingest.sms.parts",
    layer="bronze",
    side_topics=frozenset({"ingest.sms"}),
)
TICK_HEADER: Final = "ingest-sms-tick"

_ASSEMBLY: Final = "assembly"
_KEY: Final = "assembly_key"
_SINCE: Final = "assembly_since"
_RELEASED: Final = "assembly_released"
_INTERNAL: Final = (_ASSEMBLY, _KEY, _SINCE, _RELEASED)


class _Prepared(NamedTuple):
    topic: str
    key: bytes
    value: bytes
    channel: str | None
    occurred_at: int | None

    def write(self, outcomes: Outcomes, index: int) -> None:
        """Give it out as a main output of an input."""
        outcomes.emit(index, self.topic, self.key, self.value, channel=self.channel, occurred_at=self.occurred_at)


class SmsHandler:
    """Turns records of direct producers into bronze events."""

    def __init__(
        self, codec: Codec, ids: IdKey, parts_timeout_ms: int = 600_000, names: Mapping[str, str] = STATUS_NAMES
    ) -> None:
        self._codec = codec
        self._ids = ids
        self._timeout_ms = parts_timeout_ms
        self._names = names
        self._waiting: dict[int, Waiting] = {}

    def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:  # noqa: ARG002
        """Outcomes of a batch. Time is the log's own, so that a batch that is read again gives the same."""
        outcomes = Outcomes(records)
        drafts: dict[int, Draft] = {}
        outcomes.state = drafts
        for index, record in enumerate(records):
            try:
                if record.topic == "ingest.status":
                    self._status(outcomes, index, record)
                elif record.headers and any(name == TICK_HEADER for name, _ in record.headers):
                    self._tick(outcomes, index, record, self._draft(drafts, record.partition))
                else:
                    self._sms(outcomes, index, record, drafts)
            except (Refused, CodecError) as error:
                outcomes.dead(index, error.reason, str(error))
        return outcomes

    def _sms(self, outcomes: Outcomes, index: int, record: Record, drafts: dict[int, Draft]) -> None:
        messages, payload_type = self._messages(record)
        if not messages:
            outcomes.ignored(index, "empty")
            return
        if len(messages) == 1 and is_part(messages[0]) and record.key == part_key(self._ids, messages[0]):
            self._part(outcomes, index, record, messages[0], self._draft(drafts, record.partition))
            return
        prepared = []
        for message in messages:
            payload = record.value if len(messages) == 1 and record.value else orjson.dumps(message)
            prepared.append(self._prepare(message, record.timestamp, payload, payload_type))
        # all of them are good: only now the first is written
        for output in prepared:
            output.write(outcomes, index)

    def _messages(self, record: Record) -> tuple[list[dict[str, Any]], str]:
        """The messages of a record. Refused or CodecError when one of them is bad: the record is one unit of replay."""
        if record.value is None:
            raise CodecError("null_record", "the record has no value")
        if record.value[:1] == b"\x00":
            found = [self._codec.decode("SmsMessage", record.value)]
            payload_type = "application/avro"
        else:
            document = fields.json_of(record.value)
            found = document if isinstance(document, list) else [document]
            payload_type = "application/json"
        messages = [direct.sms_message(item, record.timestamp) for item in found]
        return [m for m in messages if is_part(m) or not fields.is_empty(m)], payload_type

    def _prepare(self, message: Mapping[str, Any], at: int, payload: bytes, payload_type: str) -> "_Prepared":
        key, event = sms_event(self._ids, message, received_at=at, payload=payload, payload_type=payload_type)
        if is_part(message):
            value = self._codec.encode("SmsMessage", message)
            return _Prepared("ingest.sms", part_key(self._ids, message), value, None, None)
        value = self._codec.encode("BronzeEvent", event)
        return _Prepared("bronze.realtime", key, value, event["channel"], event["occurred_at"])

    def _part(self, outcomes: Outcomes, index: int, record: Record, message: dict[str, Any], draft: Draft) -> None:
        key = (record.key or b"").decode()
        if draft.seen(key, message):
            outcomes.redelivered(index)
            return
        # checked now: a part that could never become an event must not wait
        sms_event(self._ids, message, received_at=record.timestamp, payload=b"", payload_type="")
        assembly = draft.add(f"{record.partition}-{record.offset}", key, message, record.timestamp)
        if assembly.complete:
            self._release(outcomes, index, assembly, record, draft)
            return
        outcomes.joined(index)
        kept = message["attributes"] | {_ASSEMBLY: assembly.name, _KEY: key, _SINCE: str(assembly.since)}
        outcomes.changelog(record.partition, self._codec.encode("SmsMessage", message | {"attributes": kept}))

    def _release(self, outcomes: Outcomes, index: int, assembly: Assembly, record: Record, draft: Draft) -> None:
        payload = b"\n".join(orjson.dumps(assembly.parts[number]) for number in sorted(assembly.parts))
        self._prepare(assembly.whole(), record.timestamp, payload, "application/x-ndjson").write(outcomes, index)
        draft.release(assembly, record.timestamp)
        for part in assembly.parts.values():
            marker = {_ASSEMBLY: assembly.name, _KEY: assembly.key, _RELEASED: str(record.timestamp)}
            value = {**part, "sender": "", "recipient": None, "text": "", "attributes": marker}
            outcomes.changelog(record.partition, self._codec.encode("SmsMessage", value))

    def _tick(self, outcomes: Outcomes, index: int, record: Record, draft: Draft) -> None:
        overdue = draft.overdue(record.timestamp - self._timeout_ms)
        if not overdue:
            outcomes.ignored(index, "unknown_event")
        for assembly in overdue:
            self._release(outcomes, index, assembly, record, draft)

    def _status(self, outcomes: Outcomes, index: int, record: Record) -> None:
        if record.value is None:
            raise CodecError("null_record", "the record has no value")
        is_avro = record.value[:1] == b"\x00"
        found = self._codec.decode("StatusUpdate", record.value) if is_avro else fields.json_of(record.value)
        key, event = status_event(
            self._ids,
            status.status_update(found, record.timestamp),
            received_at=record.timestamp,
            payload=record.value,
            payload_type="application/avro" if is_avro else "application/json",
            names=self._names,
        )
        outcomes.emit(index, "bronze.realtime", key, self._codec.encode("BronzeEvent", event), channel=event["channel"])

    def _draft(self, drafts: dict[int, Draft], partition: int) -> Draft:
        if partition not in drafts:
            drafts[partition] = Draft(self._waiting.setdefault(partition, Waiting()))
        return drafts[partition]

    def apply(self, outcomes: Outcomes) -> None:
        """The batch was committed: its drafts become state."""
        for partition, draft in outcomes.state.items():
            self._waiting[partition].accept(draft)
            if outcomes.records:
                self._waiting[partition].forget(outcomes.records[-1].timestamp)

    def restore(self, partition: int, values: Iterable[bytes]) -> None:
        """Read waiting parts and markers back."""
        waiting = self._waiting.setdefault(partition, Waiting())
        for value in values:
            message = self._codec.decode("SmsMessage", value)
            attributes = message["attributes"]
            name, key = attributes[_ASSEMBLY], attributes[_KEY]
            if _RELEASED in attributes:
                waiting.restore_release(name, key, int(attributes[_RELEASED]), message["message_id"])
                continue
            kept = {n: v for n, v in attributes.items() if n not in _INTERNAL}
            waiting.restore_part(name, key, int(attributes[_SINCE]), message | {"attributes": kept})

    def drop(self, partition: int) -> None:
        """Forget the state of a partition."""
        self._waiting.pop(partition, None)

    def partitions_waiting(self) -> list[int]:
        """Partitions in which parts wait. Safe to call from another thread."""
        return [partition for partition, waiting in list(self._waiting.items()) if waiting.assemblies]
