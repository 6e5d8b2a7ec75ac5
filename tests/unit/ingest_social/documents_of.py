"""What tests of networks share."""

from typing import Any

from services.ingest_social.networks import NETWORKS
from services.ingest_social.post import Parsed, Refused

NOW = 1_772_431_485_000  # 2026-03-02T06:04:45Z


def parse(network: str, document: Any) -> Parsed:
    """What the network's parser reads."""
    return NETWORKS[network](document, NOW)


def only(network: str, document: Any) -> dict[str, Any]:
    """The one post of the document."""
    parsed = parse(network, document)
    assert (parsed.ignored, parsed.refused) == ({}, [])
    assert len(parsed.posts) == len(parsed.raw) == 1
    return parsed.posts[0]


def ignored(network: str, document: Any) -> dict[str, int]:
    """What was ignored, and that nothing else was found."""
    parsed = parse(network, document)
    assert (parsed.posts, parsed.refused) == ([], [])
    return parsed.ignored


def refusal(network: str, document: Any) -> str:
    """The reason for which the document, or its only post, is refused."""
    try:
        parsed = parse(network, document)
    except Refused as refused:
        return refused.reason
    assert (parsed.posts, parsed.ignored) == ([], {})
    return parsed.refused[0].reason
