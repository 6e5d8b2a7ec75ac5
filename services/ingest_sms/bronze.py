"""Makes bronze events of SMS and WhatsApp messages, and of the progress that ticket systems report. Pure.

How the envelope is filled:
- source is sms:<gateway>; the complaint's id is of the source and the gateway's message id, else of sender, recipient,
  text and minute.
- The sender is the customer when it is a phone number, or a WhatsApp user id. A sender such as "MTN" is nobody: the
  event has no identifier then and is keyed by its own id.
- A time that the gateway did not give is the time of receipt, named in the field imputed.
- A status report is a further revision of its complaint: action updated, no text, no customer, the status in the field
  status. revised_at is the time of the status; revision_no is derived from status and time with the id key, so that the
  same report twice is one event, and Resolved, reopened, Resolved again are three.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from services.domain.bronze import bronze_event, event_id, routing_key, timestamp_fault
from services.domain.bronze import complaint_id as complaint_id_of
from services.domain.identity import IdKey, canonical_msisdn
from services.domain.vocabulary import CHANNELS, STATUSES
from services.ingest_sms.request import Refused

WHATSAPP_PREFIX: Final = "whatsapp:"
DEFAULT_STATUS_CHANNEL: Final = "call_center"
"""Channel of a status report that names no source: ticket systems belong to the call centre."""

_FIELDS: Final = {
    "ProfileName": "customer_name",
    "profileName": "customer_name",
    "Latitude": "latitude",
    "Longitude": "longitude",
    "media_count": "media_count",
    "parts_missing": "parts_missing",
    "imputed": "imputed",
}
"""Attributes of gateways that have a canonical name downstream."""

STATUS_NAMES: Final = {
    "backlog": "acknowledged",
    "open": "acknowledged",
    "new": "acknowledged",
    "reopened": "inProgress",
    "blocked": "held",
    "on hold": "held",
    "canceled": "cancelled",
    "done": "resolved",
    "solved": "resolved",
}
"""What the names of ticket systems mean, beside the TMF621 statuses themselves."""

_TMF621: Final = {status.casefold(): status for status in STATUSES}


def channel_of(message: Mapping[str, Any]) -> str:
    """sms or whatsapp."""
    is_whatsapp = message["sender"].startswith(WHATSAPP_PREFIX) or message["attributes"].get("channel") == "whatsapp"
    return "whatsapp" if is_whatsapp else "sms"


def identifiers_of(sender: str) -> list[tuple[str, str]]:
    """The customer's identifier: a phone number, a WhatsApp user id; none for an alphanumeric sender.

    >>> identifiers_of("0803 123 4567"), identifiers_of("MTN"), identifiers_of("whatsapp:NG.1234")
    ([('msisdn', '0803 123 4567')], [], [('handle', 'whatsapp:NG.1234')])
    """
    if canonical_msisdn(sender):
        return [("msisdn", sender)]
    return [("handle", sender)] if len(sender) > len(WHATSAPP_PREFIX) and sender.startswith(WHATSAPP_PREFIX) else []


def sms_event(
    ids: IdKey, message: Mapping[str, Any], *, received_at: int, payload: bytes, payload_type: str
) -> tuple[bytes, dict[str, Any]]:
    """Kafka key and BronzeEvent of an SmsMessage. Refused (bad_timestamp) when its time cannot be a complaint's."""
    fault = timestamp_fault(message["sent_at"], received_at)
    if fault:
        raise Refused("bad_timestamp", f"the time of the message is {fault}")
    attributes = message["attributes"]
    return bronze_event(
        ids,
        source=f"sms:{message['gateway']}",
        own_id=message["message_id"],
        channel=channel_of(message),
        lane="realtime",
        action="created",
        identifiers=identifiers_of(message["sender"]),
        recipient=message["recipient"],
        text=message["text"] or None,
        occurred_at=message["sent_at"],
        received_at=received_at,
        payload=payload,
        payload_type=payload_type,
        fields={_FIELDS[name]: value for name, value in attributes.items() if name in _FIELDS},
    )


def status_of(name: str, names: Mapping[str, str]) -> str:
    """The TMF621 status that a ticket system's name means, by `names` (lower case, words apart by one space).

    Refused (bad_field) for a name that is neither.

    >>> status_of("In-Progress", STATUS_NAMES), status_of("Backlog", STATUS_NAMES), status_of("resolved", {})
    ('inProgress', 'acknowledged', 'resolved')
    """
    wanted = re.sub(r"[-_\s]+", " ", name.strip().casefold())
    found = names.get(wanted) or _TMF621.get(wanted.replace(" ", ""))
    if found is None:
        raise Refused("bad_field", "the status is unknown; use a TMF621 status such as inProgress or resolved")
    return found


def status_event(
    ids: IdKey,
    update: Mapping[str, Any],
    *,
    received_at: int,
    payload: bytes,
    payload_type: str,
    names: Mapping[str, str] = STATUS_NAMES,
) -> tuple[bytes, dict[str, Any]]:
    """Kafka key and BronzeEvent of a StatusUpdate: one more revision of the complaint that it names."""
    source, source_id = update["source"], update["source_id"]
    complaint = update["complaint_id"]
    if not complaint:
        if not source or not source_id:
            raise Refused("missing_field", "complaint_id is missing, and so is source or source_id")
        complaint = complaint_id_of(ids, source, source_id)
    fault = timestamp_fault(update["at"], received_at)
    if fault:
        raise Refused("bad_timestamp", f"the time of the status is {fault}")
    status = status_of(update["status"], names)
    revision_no = _revision_no(ids, complaint, status, update["at"])
    event = event_id(ids, complaint, revision_no)
    fields = {"status": status}
    if update["note"]:
        fields["note"] = update["note"]
    return routing_key(ids, [], event), {
        "event_id": event,
        "complaint_id": complaint,
        "revision_no": revision_no,
        "revised_at": update["at"],
        "action": "updated",
        "channel": _channel_of_source(source),
        "source": source or "status",
        "lane": "realtime",
        "occurred_at": update["at"],
        "received_at": received_at,
        "identifiers": [],
        "recipient": None,
        "text": None,
        "language": None,
        "fields": fields,
        "payload": payload,
        "payload_type": payload_type,
        "generation": 0,
    }


def _revision_no(ids: IdKey, complaint: str, status: str, at: int) -> int:
    """1 to 2^31 - 1: the number only has to differ between reports; the order is revised_at's."""
    return int(ids.uuid("status", complaint, status, str(at))[:8], 16) % 0x7FFFFFFE + 1


def _channel_of_source(source: str | None) -> str:
    kind = (source or "").partition(":")[0]
    return kind if kind in CHANNELS else DEFAULT_STATUS_CHANNEL
