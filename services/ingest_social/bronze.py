"""Makes bronze events of social posts. Pure.

- source is the network; the complaint is of the network and the post's own id.
- The customer is network:handle where the network shows a handle (a mention of it in a text gives the same pseudonym),
  else network:id; on WhatsApp the number.
- An edit is a further revision: its number is derived from its time and text with the id key, so that the same edit
  twice is one event; the order is revised_at's. A deletion has the highest number there is.
- occurred_at of an edit or a deletion is when the post was first made, where the network says it (attribute posted_at):
  an edit does not restart the clocks.
"""

from collections.abc import Mapping
from typing import Any, Final

from services.domain.bronze import bronze_event, complaint_id, timestamp_fault
from services.domain.identity import IdKey, canonical_msisdn
from services.ingest_social.post import Refused

DELETED_REVISION: Final = 2**31 - 1
SITES: Final = frozenset({"rss", "web"})
_FIELDS: Final = {
    "imputed": "imputed",
    "author_name": "customer_name",
    "latitude": "latitude",
    "longitude": "longitude",
}
"""Attributes that have a canonical name downstream."""


def identifiers(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The author as an identifier; none where the network names nobody.

    >>> identifiers({"network": "x", "author_handle": "ada_obi", "author_id": "7"})
    [('handle', 'x:ada_obi')]
    """
    network, handle, author = found["network"], found["author_handle"], found["author_id"]
    number = author or handle or ""
    if network == "whatsapp" and canonical_msisdn(number):
        return [("msisdn", number)]
    # a name in a feed or on a page is only a name of that site: author_id holds the site too
    name = (author or handle) if network in SITES else (handle or author)
    return [("handle", f"{network}:{name}")] if name else []


def social_event(
    ids: IdKey, found: Mapping[str, Any], *, received_at: int, payload: bytes, payload_type: str
) -> tuple[bytes, dict[str, Any]]:
    """Kafka key and BronzeEvent of a SocialPost. Refused (bad_timestamp) when its time cannot be a complaint's."""
    attributes = found["attributes"]
    posted_at = attributes.get("posted_at", "")
    is_known = posted_at.isascii() and posted_at.isdigit() and len(posted_at) <= 14
    occurred_at = int(posted_at) if is_known else found["created_at"]
    for name, at in (("created_at", found["created_at"]), ("posted_at", occurred_at)):
        fault = timestamp_fault(at, received_at)
        if fault:
            raise Refused("bad_timestamp", f"{name}: {fault}")
    fields = {_FIELDS[name]: value for name, value in attributes.items() if name in _FIELDS}
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
        occurred_at=occurred_at,
        revised_at=found["created_at"],
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
