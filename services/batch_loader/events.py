"""Makes bronze events and dead letters of what was read, encoded and ready to send."""

from typing import NamedTuple

from services.batch_loader.bronze_writer import BronzeWriter
from services.batch_loader.mapping.complaints import Complaint
from services.batch_loader.records import Fault, Row
from services.batch_loader.revisions import Revision
from services.batch_loader.sources import Source
from services.domain.bronze import complaint_id, event_id, routing_key
from services.domain.identity import IdKey
from services.runtime.codec import Codec
from services.runtime.deadletters import dead_letter
from services.runtime.errors import CodecError
from services.runtime.publish import Publication
from services.runtime.topics import TOPICS

SERVICE = "batch-loader"
"""As ledger, dead letters and metrics name it."""
BRONZE = "bronze.batch"
LETTERS = "dead-letters"
_LIMIT = TOPICS[BRONZE].max_bytes


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

    @property
    def payload_type(self) -> str:
        """How to read a row's payload, and in which file it stands; its line is appended."""
        return f"{self.media_type}; file={self.content_hash}"


class EventMaker:
    """Makes the records of one source."""

    def __init__(self, ids: IdKey, codec: Codec, source: Source) -> None:
        self._ids = ids
        self._codec = codec
        self._source = source.full_name
        self.channel = source.of_channel
        """Channel of all its events."""

    def writer(self, origin: Origin) -> BronzeWriter:
        """What writes the events of one file."""
        return BronzeWriter(self._codec, self.channel, self._source, origin.received_at, origin.payload_type)

    def complaint_id(self, complaint: Complaint) -> str:
        """Id of the complaint that a row is about."""
        if complaint.own_id:
            return complaint_id(self._ids, self._source, complaint.own_id)
        who = complaint.identifiers[0][1] if complaint.identifiers else ""
        return complaint_id(
            self._ids, self._source, None, who, complaint.recipient, complaint.text, complaint.occurred_at
        )

    def fault_id(self, origin: Origin, fault: Fault) -> str:
        """The same for a faulty row: of its bytes; where it has none, of its place."""
        what = fault.raw.decode("latin-1") or f"{origin.content_hash}:{fault.line}"
        return self._ids.uuid("fault", self._source, what)

    def event(
        self, writer: BronzeWriter, row: Row, complaint: Complaint, of_complaint: str, revision: Revision
    ) -> Publication:
        """The bronze event of a row. CodecError where it cannot be written (bad_text, oversize)."""
        action, revision_no, revised_at = revision
        event = event_id(self._ids, of_complaint, revision_no)
        data = writer.write(
            event,
            of_complaint,
            revision_no,
            revised_at,
            action,
            complaint.occurred_at,
            complaint.identifiers,
            complaint.recipient,
            complaint.text,
            complaint.language,
            complaint.fields,
            row.raw,
            row.line,
        )
        if len(data) > _LIMIT:
            raise CodecError("oversize", f"the event has {len(data)} bytes; {_LIMIT} are allowed")
        return Publication(BRONZE, routing_key(self._ids, complaint.identifiers, event), data)

    def letter(self, origin: Origin, fault: Fault, now: int) -> Publication:
        """The dead letter of a faulty row."""
        letter = dead_letter(
            group=SERVICE,
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


def key_of(uuid: str) -> int:
    """64 bits of a UUID as a signed number, as the manifest knows a row."""
    return int(uuid[19:23] + uuid[24:], 16) - (1 << 63)
