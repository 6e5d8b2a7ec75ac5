"""What holds for every network."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest_social import examples
from services.ingest_social.documents import document_of
from services.ingest_social.networks import NETWORKS
from services.ingest_social.post import Refused
from services.runtime.codec import Codec
from tests.unit.ingest_social.documents_of import NOW

CODEC = Codec()
_NAMES = [
    "object", "entry", "changes", "messaging", "field", "value", "id", "time", "messages", "statuses", "text", "type",
    "data", "includes", "users", "meta", "errors", "content", "account", "created_at", "event", "payload", "kind",
    "children", "body", "replies", "for_user_id", "tweet_create_events", "html", "selectors", "url", "from", "message",
]  # fmt: skip
_WORDS = ["page", "instagram", "whatsapp_business_account", "feed", "comments", "messages", "Listing", "t1", "t3",
          "update", "delete", "1", "x", "\ud83d", ""]  # fmt: skip
_SCALARS = st.one_of(
    st.sampled_from(_WORDS), st.integers(-(2**70), 2**70), st.none(), st.booleans(), st.floats(), st.text(max_size=5)
)
_DOCUMENTS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=6)),
    max_leaves=25,
)


def _try(network: str, document: Any) -> None:
    try:
        parsed = NETWORKS[network](document, NOW)
    except Refused as refused:
        assert 400 <= refused.status < 500
        return
    assert len(parsed.posts) == len(parsed.raw)
    for post in parsed.posts:
        assert post["post_id"]
        if "\ud83d" not in repr(post):
            CODEC.encode("SocialPost", post)


@pytest.mark.parametrize("network", sorted(NETWORKS))
@settings(max_examples=150, deadline=None)
@given(_DOCUMENTS)
def test_any_document_gives_posts_or_a_reason(network: str, document: Any) -> None:
    _try(network, document)


@pytest.mark.parametrize(("network", "example"), [("meta", examples.META), ("x", examples.X)])
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_document_with_one_value_exchanged_gives_posts_or_a_reason(
    network: str, example: dict[str, Any], data: st.DataObject
) -> None:
    document = json.loads(json.dumps(example))
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(_DOCUMENTS)
            break
        place = place[key]
    _try(network, document)


@pytest.mark.parametrize("network", sorted(NETWORKS))
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_give_a_document_or_a_reason(network: str, raw: bytes) -> None:
    try:
        document = document_of(network, raw)
    except Refused:
        return
    _try(network, document)
