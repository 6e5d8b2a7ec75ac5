"""SocialPosts of direct producers: Avro, or JSON of the same fields."""

import json
from typing import Any, Final

from services.ingest_social.post import Parsed, Refused, moment, object_of, post, text_of
from services.runtime.codec import MAGIC, Codec
from services.runtime.errors import CodecError

NETWORKS: Final = frozenset({"x", "facebook", "instagram", "whatsapp", "mastodon", "reddit", "rss", "web"})
ACTIONS: Final = frozenset({"created", "updated", "deleted"})


def read(value: bytes | None, codec: Codec) -> tuple[list[dict[str, Any]], str]:
    """Posts of a record of ingest.social and its media type. Refused or CodecError for anything else."""
    if value is None:
        raise CodecError("null_record", "the record has no value")
    if value[:1] == bytes([MAGIC]):
        return [checked(codec.decode("SocialPost", value))], "application/avro"
    try:
        document = json.loads(value)
    except UnicodeDecodeError:
        raise Refused("bad_text", "the value is no UTF-8") from None
    except (ValueError, RecursionError):
        raise Refused("malformed", "the value is neither Avro nor JSON") from None
    found = document if isinstance(document, list) else [document]
    return [from_json(item) for item in found], "application/json"


def from_json(item: Any) -> dict[str, Any]:
    """A SocialPost of a JSON object; times as ISO 8601 or Unix time."""
    fields = object_of(item, "a post")
    followers = fields.get("followers")
    attributes = fields.get("attributes") or {}
    return checked(
        post(
            network=text_of(fields.get("network"), "network").strip().lower(),
            post_id=fields.get("post_id"),
            action=text_of(fields.get("action"), "action") or "created",
            author_id=fields.get("author_id"),
            author_handle=text_of(fields.get("author_handle"), "author_handle") or None,
            text=text_of(fields.get("text"), "text"),
            created_at=moment(fields.get("created_at"), "created_at"),
            language=text_of(fields.get("language"), "language") or None,
            in_reply_to=fields.get("in_reply_to"),
            url=text_of(fields.get("url"), "url") or None,
            place=text_of(fields.get("place"), "place") or None,
            followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
            attributes={str(k): text_of(v, "attributes") for k, v in object_of(attributes, "attributes").items()},
        )
    )


def checked(found: dict[str, Any]) -> dict[str, Any]:
    """The post, or Refused when a field is not of its closed list."""
    if found["network"] not in NETWORKS:
        raise Refused("bad_field", f"network is not one of {', '.join(sorted(NETWORKS))}")
    if found["action"] not in ACTIONS:
        raise Refused("bad_field", "action is not created, updated or deleted")
    if not found["post_id"].strip():
        raise Refused("missing_field", "post_id is empty")
    return found


def parse(document: Any, _: int) -> Parsed:
    """Posts of one JSON document in our own form: an object or a list."""
    return Parsed(posts=[from_json(item) for item in (document if isinstance(document, list) else [document])])
