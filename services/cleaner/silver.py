"""Builds the silver event from a bronze event: what is kept, what is filled by a stated rule, and what is checked."""

import re
from collections.abc import Mapping
from typing import Any, Final

from services.cleaner.masking import MaskedText
from services.cleaner.masking.gate import is_enum, is_pseudonym, is_uuid, leaks
from services.cleaner.masking.organisations import HOTLINES
from services.domain.bronze import timestamp_fault
from services.domain.identity import PseudonymKeys, canonical
from services.domain.places import Gazetteer
from services.domain.vocabulary import ACTIONS, CHANNELS, LANES, LANGUAGES, OPERATORS, STATUSES

MENTIONED_AT_MOST: Final = 20
NETWORKS: Final = frozenset({"x", "facebook", "instagram", "mastodon", "reddit"})
"""Channels on which a handle names an account of that network."""
IMPUTED_AT_SOURCE: Final = frozenset({"occurred_at", "message_id", "status"})
"""What ingest may have filled: named in the bronze field `imputed`, comma-separated."""

PLACE_FIELDS: Final = frozenset({"state", "lga", "city", "area", "latitude", "longitude"})

_SOURCE: Final = re.compile(r"[a-z][a-z0-9_]{0,31}(?::[A-Za-z0-9_.-]{1,64})?")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_OPERATOR_OF: Final = {name.casefold(): name for name in OPERATORS} | {"etisalat": "9mobile", "globacom": "Glo"}
_LANGUAGE_OF: Final = {name: name for name in LANGUAGES} | {
    "eng": "en",
    "yor": "yo",
    "hau": "ha",
    "ibo": "ig",
    "pidgin": "pcm",
}


class Unfit(Exception):
    """The event must go to dead-letters: one of DEAD_LETTER_REASONS, and a detail without any value."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def check(bronze: Mapping[str, Any]) -> None:
    """Unfit when the envelope is not what ingest writes: then nothing of it can be trusted."""
    for name in ("event_id", "complaint_id"):
        if not is_uuid(bronze[name]):
            raise Unfit("bad_field", f"{name} is no UUID")
    for name, allowed in (("action", ACTIONS), ("channel", CHANNELS), ("lane", LANES)):
        if not is_enum(bronze[name], allowed):
            raise Unfit("bad_field", f"{name} is not in its closed list")
    if not _SOURCE.fullmatch(bronze["source"]):
        raise Unfit("bad_field", "source is no kind:name")
    for name in ("occurred_at", "revised_at"):
        fault = timestamp_fault(bronze[name], bronze["received_at"])
        if fault:
            raise Unfit("bad_timestamp", f"{name}: {fault}")


def text_of(bronze: Mapping[str, Any], imputed: list[str]) -> str:
    """The text to mask. Rule: where the source has none, the subject (else the category it chose) stands for it."""
    if bronze["action"] == "deleted":
        return ""
    text: str = bronze["text"] or ""
    if not text.strip():
        fields = bronze["fields"]
        text = fields.get("subject") or fields.get("category") or ""
        if text.strip():
            imputed.append("text")
    return _CONTROL.sub(" ", text).strip()


def customer_key(bronze: Mapping[str, Any], keys: PseudonymKeys) -> str | None:
    """Pseudonym of the strongest identifier; None where there is none that can be read."""
    for identifier in bronze["identifiers"]:
        name = canonical(identifier["kind"], identifier["value"])
        if name:
            return keys.key(identifier["kind"], name, bronze["received_at"])
    return None


def mentioned_keys(
    masked: MaskedText, channel: str, own: str | None, received_at: int, keys: PseudonymKeys
) -> list[str]:
    """Pseudonyms of identifiers in the text, in order of appearance, the customer's own left out.

    A handle belongs to the network where it was written; in an SMS it names nobody.
    """
    found: dict[str, None] = {}
    for kind, value in masked.identifiers:
        if kind != "handle":
            found[keys.key(kind, value, received_at)] = None
        elif channel in NETWORKS:
            found[keys.key(kind, f"{channel}:{value}", received_at)] = None
    found.pop(own or "", None)
    return list(found)[:MENTIONED_AT_MOST]


def place_of(fields: Mapping[str, str], gazetteer: Gazetteer, imputed: list[str]) -> tuple[str | None, str | None]:
    """State and LGA of form fields. Rules: the state where an LGA or city lies; the LGA nearest to a geo tag."""
    if not PLACE_FIELDS & fields.keys():
        return None, None
    state = gazetteer.canonical_state(fields.get("state", ""))
    lga = gazetteer.canonical_lga(fields.get("lga", ""), state)
    if state is None or lga is None:
        place = gazetteer.resolve(
            ", ".join(fields[name] for name in ("lga", "city", "area") if fields.get(name)), state
        )
        if not place.is_known and state is None and "latitude" in fields and "longitude" in fields:
            try:
                place = gazetteer.nearest(float(fields["latitude"]), float(fields["longitude"]))
            except ValueError:
                return state, lga
        if state is None and place.state:
            state = place.state
            imputed.append("state")
        if lga is None and place.lga and place.state == state:
            lga = place.lga
            imputed.append("lga")
    return state, lga


def silver_event(
    bronze: Mapping[str, Any],
    masked: MaskedText,
    category: MaskedText | None,
    keys: PseudonymKeys,
    gazetteer: Gazetteer,
    imputed: list[str],
    now: int,
) -> dict[str, Any]:
    """SilverEvent as a dict; duplicate_of is not decided here. Times in ms UTC."""
    fields: Mapping[str, str] = bronze["fields"]
    imputed = [*imputed, *(n for n in fields.get("imputed", "").split(",") if n in IMPUTED_AT_SOURCE)]
    state, lga = place_of(fields, gazetteer, imputed)
    status = fields.get("status", "")
    if status not in STATUSES:
        status = "acknowledged"
        imputed.append("status")
    language = _LANGUAGE_OF.get((bronze["language"] or "").partition("-")[0].casefold()) or masked.language
    own = customer_key(bronze, keys)
    reach = fields.get("followers", "")
    return {
        "event_id": bronze["event_id"],
        "complaint_id": bronze["complaint_id"],
        "revision_no": bronze["revision_no"],
        "revised_at": bronze["revised_at"],
        "action": bronze["action"],
        "channel": bronze["channel"],
        "source": bronze["source"],
        "lane": bronze["lane"],
        "customer_key": own,
        "mentioned_keys": mentioned_keys(masked, bronze["channel"], own, bronze["received_at"], keys),
        "occurred_at": bronze["occurred_at"],
        "received_at": bronze["received_at"],
        "cleaned_at": now,
        "text": masked.text,
        "language": language,
        "state": state,
        "lga": lga,
        "operator": _OPERATOR_OF.get(fields.get("operator", "").strip().casefold()),
        "status": status,
        "duplicate_of": None,
        "source_category": category.text if category else None,
        "reach": int(reach) if reach.isascii() and reach.isdigit() and len(reach) < 12 else None,
        "imputed": list(dict.fromkeys(imputed)),
        "pii_counts": dict(masked.counts),
        "generation": bronze["generation"],
    }


def leaked(silver: Mapping[str, Any]) -> list[str]:
    """Types of personal data that the independent scan still finds, and typed fields of the wrong form."""
    found = leaks(silver["text"], HOTLINES)
    if silver["source_category"]:
        found = [*found, *leaks(silver["source_category"], HOTLINES)]
    pseudonyms = [*silver["mentioned_keys"], *([silver["customer_key"]] if silver["customer_key"] else [])]
    if not all(is_pseudonym(key) for key in pseudonyms):
        found = [*found, "PSEUDONYM"]
    return found
