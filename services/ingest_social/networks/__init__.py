"""The networks: one file each, one line of registration."""

from collections.abc import Callable
from typing import Any, Final

from services.ingest_social.networks import meta, x
from services.ingest_social.post import Parsed

NETWORKS: Final[dict[str, Callable[[Any, int], Parsed]]] = {
    "meta": meta.parse,
    "x": x.parse,
}
"""Name -> parser of one API or webhook document (parsed JSON), with the time of receipt in ms UTC."""
