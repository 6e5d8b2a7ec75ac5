"""From a gateway's request to records for Kafka: checked, read, keyed and encoded. Pure but for the given keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.domain.identity import IdKey
from services.ingest_sms.bronze import sms_event
from services.ingest_sms.gateway import TOKEN_PARAMETER, Gateway
from services.ingest_sms.handler import GROUP
from services.ingest_sms.parts import is_part, part_key
from services.ingest_sms.raw_json import raw_items
from services.ingest_sms.request import Parsed, Refused, Rejected, Request
from services.ingest_sms.signatures import Credentials
from services.runtime.deadletters import dead_letter

Encode = Callable[[str, dict[str, Any]], bytes]


class Addressed(NamedTuple):
    """A record with its logical topic and key."""

    topic: str
    key: bytes
    value: bytes


@dataclass(slots=True)
class Taken:
    """What one request becomes: records to publish, and what to tell the sender and the metrics."""

    records: list[Addressed] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)


class Intake:
    """Takes the requests of one gateway."""

    def __init__(
        self, gateway: Gateway, credentials: Credentials | None, ids: IdKey, encode: Encode, route: str
    ) -> None:
        self.gateway = gateway
        self._credentials = credentials
        self._ids = ids
        self._encode = encode
        self._route = route

    def take(self, request: Request, now: int) -> Taken:
        """Records of a request received at `now` (ms UTC). Refused when nothing of it can be accepted."""
        if self._credentials is not None:
            self.gateway.verify(request, self._credentials, now)
        parsed = self.gateway.parse(request, now)
        taken = Taken(ignored=parsed.ignored, rejected=parsed.rejected)
        payloads = _payloads(self.gateway, request, parsed)
        first: Refused | None = None
        for position, message in enumerate(parsed.messages):
            try:
                self._add(taken, message, payloads[position], request, now)
            except Refused as refused:
                first = first or refused
                index = parsed.items[position] if parsed.items else position
                taken.rejected.append(Rejected(index, refused.reason, str(refused), payloads[position]))
        if first is not None and not taken.records and not taken.ignored:
            raise first
        for rejected in taken.rejected:
            taken.records.append(self.dead_letter(rejected, now))
        return taken

    def _add(self, taken: Taken, message: dict[str, Any], payload: bytes, request: Request, now: int) -> None:
        key, event = sms_event(
            self._ids, message, received_at=now, payload=payload, payload_type=_payload_type(request, payload)
        )
        if is_part(message):
            value = self._encode("SmsMessage", message)
            taken.records.append(Addressed("ingest.sms", part_key(self._ids, message), value))
            return
        taken.records.append(Addressed("bronze.realtime", key, self._encode("BronzeEvent", event)))
        taken.complaints.append(event["complaint_id"])

    def dead_letter(self, rejected: Rejected, now: int) -> Addressed:
        """The dead letter of a message that cannot be accepted."""
        # the id is of route and bytes, since a request has no offset: the same message refused twice is one letter
        name = self._ids.uuid("dead-letter", self._route, rejected.raw.decode("latin-1"))
        letter = dead_letter(
            group=GROUP,
            service=GROUP,
            reason=rejected.reason,
            detail=rejected.detail,
            topic=f"http:{self._route}",
            partition=-1,
            offset=-1,
            log_time=now,
            key=None,
            value=rejected.raw,
            failed_at=now,
            dead_letter_id=name,
        )
        return Addressed("dead-letters", name.encode(), self._encode("DeadLetter", letter))


def _payloads(gateway: Gateway, request: Request, parsed: Parsed) -> list[bytes]:
    """The bytes of each message: the whole body, or its own part of a batch; the query where there is no body."""
    if len(parsed.items) <= 1 and not parsed.rejected and len(parsed.messages) <= 1:
        return [request.body or _query(request)]
    raw = raw_items(request.body, gateway.items) if gateway.items is not None else None
    if raw is None:
        return [request.body] * len(parsed.messages)
    return [raw[index] for index in parsed.items]


def _query(request: Request) -> bytes:
    """The query as received, without the shared secret."""
    parts = request.query.split("&")
    kept = [part for part in parts if part.partition("=")[0] != TOKEN_PARAMETER]
    return "&".join(kept).encode("utf-8", "surrogateescape")


def _payload_type(request: Request, payload: bytes) -> str:
    if not request.body:
        return "application/x-www-form-urlencoded"
    if request.media_type:
        return request.media_type[:100]
    return "application/json" if payload[:1] in (b"{", b"[") else "application/x-www-form-urlencoded"
