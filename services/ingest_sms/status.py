"""Reads StatusUpdates: what a ticket system reports of a complaint, as JSON fields."""

import re
from typing import Any

from services.ingest_sms import fields
from services.ingest_sms.request import Refused
from services.ingest_sms.timestamps import any_ms

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SOURCE = re.compile(r"[a-z][a-z0-9_]{0,31}(?::[A-Za-z0-9_.-]{1,64})?")


def status_update(found: Any, now: int) -> dict[str, Any]:
    """A StatusUpdate of a JSON object with its fields; `at` in ms or s since the epoch, or ISO 8601, else now.

    >>> status_update({"source": "sms:twilio", "source_id": "SM1", "status": "Resolved", "at": 1772431485}, 0)["at"]
    1772431485000
    """
    if not isinstance(found, dict):
        raise Refused("malformed", "a status update is not a JSON object")
    at = found.get("at")
    complaint = fields.optional(found, "complaint_id")
    update = {
        "complaint_id": complaint.lower() if complaint else None,
        "source": fields.optional(found, "source"),
        "source_id": fields.optional(found, "source_id"),
        "status": fields.required(found, "status"),
        "at": any_ms(at) if at not in (None, "") else now,
        "note": fields.string(found.get("note"), "note"),
    }
    check(update)
    return update


def check(update: dict[str, Any]) -> None:
    """Refused when the update names no complaint, or an id or source of the wrong form."""
    if update["complaint_id"] and not _UUID.fullmatch(update["complaint_id"]):
        raise Refused("bad_field", "the field complaint_id is not a UUID")
    if not update["complaint_id"] and not (update["source"] and update["source_id"]):
        raise Refused("missing_field", "complaint_id is missing, and so is source or source_id")
    if update["source"] and not _SOURCE.fullmatch(update["source"]):
        raise Refused("bad_field", "the field source is not of the form kind:name, e.g. sms:twilio")
