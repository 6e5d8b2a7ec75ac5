"""The networks: one file each, one line of registration (docs/sources.md shows how to add one)."""

from collections.abc import Callable
from typing import Any, Final

from services.ingest_social.networks import mastodon, meta, reddit, rss, web, x
from services.ingest_social.post import Parsed

NETWORKS: Final[dict[str, Callable[[Any, int], Parsed]]] = {
    "x": x.parse,
    "meta": meta.parse,
    "mastodon": mastodon.parse,
    "reddit": reddit.parse,
    "rss": rss.parse,
    "web": web.parse,
}
"""Name -> parser of one document (parsed JSON; text for rss and web), with the time of receipt in ms UTC."""
