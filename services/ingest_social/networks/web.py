"""Web pages: which elements hold a post, its author, time and text is configuration (CSS selectors).

For sites that offer neither an API nor a feed. A field is taken from the text of the first element that its selector
finds inside the post, or from an attribute of it: "time@datetime".
"""

import hashlib
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, Field
from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest_social.markup import node_text
from services.ingest_social.post import Parsed, Refused, moment, name_of, object_of, post, text_of

MAX_PAGE: Final = 2_000_000


class Selectors(BaseModel):
    """Where things are. `post` finds each post; the others are looked up inside it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    post: str = Field("article, .post, .comment", description="Each post.")
    text: str = Field("", description="Its text; empty: the whole post.")
    id: str = Field("@id", description="Its id: an attribute of the post, or inside it.")
    author: str = Field(".author, [rel=author]", description="Its author.")
    time: str = Field("time@datetime", description="Its time, as ISO 8601 or Unix time.")
    link: str = Field("a[rel=bookmark]@href, a.permalink@href", description="Its permanent link.")


DEFAULT: Final = Selectors()


def parse(document: Any, now: int, selectors: Selectors = DEFAULT) -> Parsed:
    """Posts of a page: its HTML, or {"url", "html"}, with selectors of its own where "selectors" is given."""
    url = ""
    if isinstance(document, dict):
        found = object_of(document, "the document")
        url = name_of(found.get("url")) or ""
        if found.get("selectors") is not None:
            selectors = _selectors(found["selectors"])
        document = text_of(found.get("html"), "html")
    if not isinstance(document, str) or not document.strip():
        raise Refused("malformed", "there is no page")
    page = LexborHTMLParser(document[:MAX_PAGE])
    parsed = Parsed()
    for node in _css(page, selectors.post):
        try:
            parsed.take(_post(node, url, selectors, now), {"url": url, "html": node.html})
        except Refused as refused:
            parsed.refuse(refused, {"url": url, "html": node.html})
    if parsed.is_nothing:
        parsed.ignore("empty")
    return parsed


def _selectors(given: Any) -> Selectors:
    try:
        return Selectors.model_validate(given)
    except ValueError as error:
        raise Refused("bad_field", "selectors holds an unknown name or a value that is no text") from error


def _post(node: LexborNode, url: str, selectors: Selectors, now: int) -> dict[str, Any]:
    text = _value(node, selectors.text) if selectors.text else node_text(node)
    link = name_of(_value(node, selectors.link))
    link = urljoin(url, link) if link else None
    time = name_of(_value(node, selectors.time))
    at = moment(time, "the time of the post") if time else None
    author = name_of(_value(node, selectors.author))
    host = urlsplit(link or url).netloc
    identity = name_of(_value(node, selectors.id))
    if identity is None:
        what = "\x1f".join((author or "", str(at or ""), text or ""))
        identity = link or f"sha256:{hashlib.sha256(what.encode('utf-8', 'replace')).hexdigest()[:32]}"
    return post(
        network="web",
        post_id=identity if identity.startswith(("http:", "https:", "sha256:")) or not host else f"{host}/{identity}",
        author_id=f"{host}/{author}" if author and host else author,
        author_handle=author,
        text=text or "",
        created_at=now if at is None else at,
        url=link or url or None,
        attributes={"imputed": "occurred_at"} if at is None else {},
    )


def _value(node: LexborNode, selector: str) -> str | None:
    """The first of several selectors, apart by commas, that finds something."""
    for part in selector.split(","):
        path, at, attribute = part.strip().partition("@")
        found = [node] if not path else _css(node, path)
        if not found:
            continue
        value = found[0].attributes.get(attribute) if at else node_text(found[0])
        if value and value.strip():
            return value.strip()
    return None


def _css(node: LexborHTMLParser | LexborNode, selector: str) -> list[LexborNode]:
    try:
        return list(node.css(selector))
    except Exception as error:  # the library raises its own and ValueError, by version
        raise Refused("bad_field", "a CSS selector of the configuration cannot be read") from error
