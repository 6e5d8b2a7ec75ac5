"""Posts that other collectors have gathered and write to ingest.social themselves, as Avro or as JSON."""

import json
from typing import Any

from demo.deliveries import Occasion, TopicRecord
from demo.messages import Post
from demo.moments import MINUTE_MS, lagos
from services.runtime.codec import Codec


def record(post: Post, occasion: Occasion, codec: Codec) -> TopicRecord:
    """A new post; every second one as JSON, with its time in ISO 8601."""
    found = _fields(post, occasion)
    if occasion.number(post) % 2:
        return TopicRecord(post.origin, "ingest.social", codec.encode("SocialPost", found))
    found["created_at"] = lagos(occasion.at(post)).isoformat(timespec="seconds")
    return TopicRecord(post.origin, "ingest.social", json.dumps(found, ensure_ascii=False).encode())


def edited(post: Post, occasion: Occasion, codec: Codec) -> TopicRecord:
    """The same post with its new text, a moment ago."""
    later = {"action": "updated", "text": post.edited, "created_at": occasion.now - MINUTE_MS}
    value = codec.encode("SocialPost", _fields(post, occasion) | later)
    return TopicRecord(f"{post.origin} edited", "ingest.social", value)


def _fields(post: Post, occasion: Occasion) -> dict[str, Any]:
    writes_by_phone = post.who.startswith("+")
    return {
        "post_id": str(occasion.number(post, 18)),
        "network": post.network,
        "action": "created",
        "author_id": post.who if writes_by_phone else None,
        "author_handle": None if writes_by_phone else post.who,
        "text": post.text,
        "created_at": occasion.at(post),
        "language": None,
        "in_reply_to": None,
        "url": None,
        "place": post.geo or None,
        "followers": post.followers,
        "attributes": {"collector": "listening-desk"},
    }
