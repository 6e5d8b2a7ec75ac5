"""Comments under the operator's posts, as Meta's webhooks report them: signed, edited, removed."""

import hmac
import json
from collections.abc import Sequence
from typing import Any

from demo.deliveries import Call, Occasion
from demo.messages import Post
from demo.moments import MINUTE_MS

PAGE = "100000000000101"
"""The operator's own page."""
_POST = "100000000000900"


def facebook(post: Post, occasion: Occasion) -> Call:
    """A new comment under a post of the page."""
    return _signed(post.origin, _page(_comment(post, occasion, "add"), occasion.at(post)), occasion)


def edited(post: Post, occasion: Occasion) -> Call:
    """The same comment with its new text, a moment ago."""
    value = _comment(post, occasion, "edited") | {"message": post.edited}
    return _signed(f"{post.origin} edited", _page(value, occasion.now - MINUTE_MS), occasion)


def removed(post: Post, occasion: Occasion) -> Call:
    """The removal of the comment, a moment ago: it bears no text."""
    value = _comment(post, occasion, "remove")
    del value["message"]
    return _signed(f"{post.origin} removed", _page(value, occasion.now - MINUTE_MS), occasion)


def instagram(posts: Sequence[Post], occasion: Occasion) -> Call:
    """Several comments in one request, as Meta sends them when they come quickly; only the entry has a time."""
    entries = [
        {
            "id": "100000000000202",
            "time": occasion.at(post) // 1000,
            "changes": [
                {
                    "field": "comments",
                    "value": {
                        "id": str(occasion.number(post, 17)),
                        "from": {"id": str(occasion.number(post)), "username": post.who},
                        "media": {"id": _POST, "media_product_type": "FEED"},
                        "text": post.text,
                    },
                }
            ],
        }
        for post in posts
    ]
    return _signed("social/instagram", {"object": "instagram", "entry": entries}, occasion)


def _page(value: dict[str, Any], at: int) -> dict[str, Any]:
    change = {"field": "feed", "value": value}
    return {"object": "page", "entry": [{"id": PAGE, "time": at // 1000, "changes": [change]}]}


def _comment(post: Post, occasion: Occasion, verb: str) -> dict[str, Any]:
    at = occasion.at(post) // 1000 if verb == "add" else occasion.now // 1000 - 60
    comment = f"{_POST}_{occasion.number(post)}"
    return {
        "item": "comment",
        "verb": verb,
        "comment_id": comment,
        "parent_id": f"{PAGE}_{_POST}",
        "post_id": f"{PAGE}_{_POST}",
        "created_time": at,
        "message": post.text,
        "from": {"id": _author(post), "name": post.who},
        "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{_POST}/?comment_id={comment}",
    }


def _author(post: Post) -> str:
    """One person has one id, whatever the comment."""
    return str(10**14 + int.from_bytes(hmac.digest(b"author", post.who.encode(), "sha256")[:5], "big"))


def _signed(origin: str, document: dict[str, Any], occasion: Occasion) -> Call:
    body = json.dumps(document, ensure_ascii=True).encode()
    return Call(
        origin,
        f"{occasion.social_url}/v1/social/meta",
        body,
        {"content-type": "application/json", **signature(body, occasion)},
    )


def signature(body: bytes, occasion: Occasion) -> dict[str, str]:
    """The header in which Meta signs the bytes of a body."""
    digest = hmac.digest(occasion.meta_secret.encode(), body, "sha256").hex()
    return {"x-hub-signature-256": f"sha256={digest}"}
