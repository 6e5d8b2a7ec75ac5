"""Makes bronze events of social posts. Pure.

- source is the network; the complaint is of the network and the post's own id.
- The customer is network:handle where the network shows a handle (a mention of it in a text gives the same pseudonym),
  else network:id; on WhatsApp the number.
- An edit is a further revision: its number is derived from its time and text with the id key, so that the same edit
  twice is one event; the order is revised_at's. A deletion has the highest number there is.
"""

from collections.abc import Mapping
from typing import Any, Final

from services.domain.bronze import bronze_event, complaint_id, timestamp_fault
from services.domain.identity import IdKey, canonical_msisdn
from services.ingest_social.post import Refused

DELETED_REVISION: Final = 2**31 - 1


def identifiers(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The author as an identifier; none where the network names nobody.

    >>> identifiers({"network": "x", "author_handle": "ada_obi", "author_id": "7"})
    [('handle', 'x:ada_obi')]
    """
    network, handle, author = found["network"], found["author_handle"], found["author_id"]
    number = author or handle or ""
    if network == "whatsapp" and canonical_msisdn(number):
        return [("msisdn", number)]
    name = handle or author
    return [("handle", f"{network}:{name}")] if name else []


def social_event(
    ids: IdKey, found: Mapping[str, Any], *, received_at: int, payload: bytes, payload_type: str
) -> tuple[bytes, dict[str, Any]]:
    """Kafka key and BronzeEvent of a SocialPost. Refused (bad_timestamp) when its time cannot be a complaint's."""
    fault = timestamp_fault(found["created_at"], received_at)
    if fault:
        raise Refused("bad_timestamp", f"created_at: {fault}")
    fields = {"imputed": found["attributes"]["imputed"]} if "imputed" in found["attributes"] else {}
    if found["followers"] is not None:
        fields["followers"] = str(found["followers"])
    if found["place"]:
        fields["area"] = found["place"]
    return bronze_event(
        ids,
        source=found["network"],
        own_id=found["post_id"],
        channel=found["network"],
        lane="realtime",
        action=found["action"],
        identifiers=identifiers(found),
        recipient=None,
        text=found["text"] if found["action"] != "deleted" else None,
        occurred_at=found["created_at"],
        received_at=received_at,
        payload=payload,
        payload_type=payload_type,
        fields=fields,
        revision_no=_revision_no(ids, found),
        language=found["language"],
    )


def _revision_no(ids: IdKey, found: Mapping[str, Any]) -> int:
    if found["action"] == "created":
        return 0
    if found["action"] == "deleted":
        return DELETED_REVISION
    complaint = complaint_id(ids, found["network"], found["post_id"])
    digest = ids.uuid("revision", complaint, found["text"], str(found["created_at"]))
    return int(digest[:8], 16) % (DELETED_REVISION - 1) + 1
