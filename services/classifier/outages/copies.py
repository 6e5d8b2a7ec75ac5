"""Tells copies of one post from many customers' own words."""

import hashlib
import re
import unicodedata
from typing import Final

_SOCIAL: Final = frozenset({"x", "facebook", "instagram", "mastodon", "reddit", "web", "rss"})
_NOT_WORDS: Final = re.compile(r"\[[A-Z]+_\d+\]|@\w+|#|https?://\S+|\brt\b|[^\w\s]", re.IGNORECASE)
_LEAST_CHARACTERS: Final = 40
"""Shorter texts are alike by chance: no network in Ikorodu."""


def text_key(text: str, channel: str) -> str | None:
    """A fingerprint that copies of one long post on a social channel share; None for short texts and other channels.

    Case, punctuation, mentions, links, masks and "RT" make no difference. It is made of masked text, and short.

    >>> one = text_key("Beejan has no network in the whole of Ikorodu since 6am today!!", "x")
    >>> one == text_key("RT @ada: beejan has no network in the whole of IKORODU since 6am today", "x")
    True
    >>> text_key("no network in Ikorodu", "x") is None
    True
    """
    if channel not in _SOCIAL:
        return None
    bare = _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    joined = " ".join(bare.split())
    if len(joined) < _LEAST_CHARACTERS:
        return None
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
