"""Makes bronze events and dead letters of what was read, encoded and ready to send."""

from typing import NamedTuple

from services.batch_loader.mapping.complaints import Complaint
from services.batch_loader.records import Fault, Row
from services.batch_loader.revisions import Revision
from services.batch_loader.sources import Source
from services.domain.bronze import bronze_event, complaint_id
from services.domain.identity import IdKey
from services.runtime.codec import Codec
from services.runtime.deadletters import dead_letter
from services.runtime.errors import CodecError
from services.runtime.publish import Publication
from services.runtime.topics import TOPICS

GROUP = "batch-loader"
SERVICE = "batch-loader"
BRONZE = "bronze.batch"
LETTERS = "dead-letters"


class Origin(NamedTuple):
    """The file that rows come from."""

    content_hash: str
    media_type: str
    received_at: int
    """ms UTC."""

    @property
    def topic(self) -> str:
        """As ledger and dead letters name it."""
        return f"file:{self.content_hash}"

    def payload_type(self, line: int) -> str:
        """How to read a row's payload, and where it stands."""
        return f"{self.media_type}; file={self.content_hash}; line={line}"


class EventMaker:
    """Makes the records of one source."""

    def __init__(self, ids: IdKey, codec: Codec, source: Source) -> None:
        self._ids = ids
        self._codec = codec
        self._source = source.full_name
        self.channel = source.of_channel
        """Channel of all its events."""

    def key(self, complaint: Complaint) -> int:
        """64 bits of the complaint's id, as the manifest knows it."""
        who = complaint.identifiers[0][1] if complaint.identifiers else ""
        own = complaint.own_id or None
        uuid = complaint_id(
            self._ids, self._source, own, who, complaint.recipient, complaint.text, complaint.occurred_at
        )
        return _signed(uuid)

    def fault_key(self, origin: Origin, fault: Fault) -> int:
        """The same for a faulty row: of its bytes; where it has none, of its place."""
        what = fault.raw.decode("latin-1") or f"{origin.content_hash}:{fault.line}"
        return _signed(self._ids.uuid("fault", self._source, what))

    def event(self, origin: Origin, row: Row, complaint: Complaint, revision: Revision) -> Publication:
        """The bronze event of a row. CodecError where it cannot be written (bad_text, oversize)."""
        key, value = bronze_event(
            self._ids,
            source=self._source,
            own_id=complaint.own_id or None,
            channel=self.channel,
            lane="batch",
            action=revision.action,
            identifiers=complaint.identifiers,
            recipient=complaint.recipient or None,
            text=complaint.text or None,
            occurred_at=complaint.occurred_at,
            received_at=origin.received_at,
            payload=row.raw,
            payload_type=origin.payload_type(row.line),
            fields=complaint.fields,
            revision_no=revision.revision_no,
            revised_at=revision.revised_at,
            language=complaint.language or None,
        )
        data = self._codec.encode("BronzeEvent", value)
        limit = TOPICS[BRONZE].max_bytes
        if len(data) > limit:
            raise CodecError("oversize", f"line {row.line}: the event has {len(data)} bytes; {limit} are allowed")
        return Publication(BRONZE, key, data)

    def letter(self, origin: Origin, fault: Fault, now: int) -> Publication:
        """The dead letter of a faulty row."""
        letter = dead_letter(
            group=GROUP,
            service=SERVICE,
            reason=fault.reason,
            detail=fault.detail,
            topic=origin.topic,
            partition=-1,
            offset=fault.line,
            log_time=origin.received_at,
            key=None,
            value=fault.raw,
            failed_at=now,
        )
        return Publication(LETTERS, letter["dead_letter_id"].encode(), self._codec.encode("DeadLetter", letter))


def _signed(uuid: str) -> int:
    """The last 64 bits of a UUID as a signed number; two of them are HMAC's but for the variant."""
    return int(uuid[19:23] + uuid[24:], 16) - (1 << 63)
