"""Reduces HTML to the text that a reader sees."""

import html
import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SILENT: Final = frozenset({"script", "style", "noscript", "template", "head", "svg", "iframe"})
_BREAKS: Final = frozenset({"br", "hr", "li", "tr", "dt", "dd", "figcaption"})
_BLOCKS: Final = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "pre", "table", "section", "article", "header", "footer", "h1", "h2", "h3",
     "h4", "h5", "h6", "figure"}
)  # fmt: skip
_SPACES: Final = re.compile(r"[^\S\n]+")
_AROUND_BREAKS: Final = re.compile(r" *\n *")
_MANY_BREAKS: Final = re.compile(r"\n{3,}")
MAX_NODES: Final = 100_000
MAX_MARKUP: Final = 50_000
"""Longest fragment that is read, in characters: the parser takes quadratic time on elements nested on purpose."""


def plain_text(markup: str) -> str:
    """Text of an HTML fragment: line breaks of br and blocks kept, spans of class invisible left out (Mastodon).

    >>> plain_text('<p>No&nbsp;network<br>in Yaba</p><p>since <b>Monday</b></p>')
    'No network\\nin Yaba\\n\\nsince Monday'
    """
    if "<" not in markup:
        return _tidy(html.unescape(markup))
    body = LexborHTMLParser(f"<body>{markup[:MAX_MARKUP]}</body>").body
    if body is None:
        return ""
    parts: list[str] = []
    _collect(body, parts)
    return _tidy("".join(parts))


def node_text(node: LexborNode) -> str:
    """Text of an element, in the same way."""
    parts: list[str] = []
    _collect(node, parts)
    return _tidy("".join(parts))


def _collect(top: LexborNode, parts: list[str]) -> None:
    """Walk the tree without recursion: a page may be nested deeper than Python's stack."""
    stack: list[LexborNode | str] = [top]
    for _ in range(MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        tag = node.tag
        if tag == "-text":
            parts.append(re.sub(r"\s+", " ", node.text(deep=False) or ""))
            continue
        if tag in _SILENT or tag is None or tag.startswith("-") or _invisible(node):
            continue
        around = "\n\n" if tag in _BLOCKS else "\n" if tag in _BREAKS else ""
        if tag == "span" and "ellipsis" in (node.attributes.get("class") or ""):
            stack.append("…")
        if around and tag not in ("br", "hr"):
            stack.append(around)
        children = list(node.iter(include_text=True))
        stack.extend(reversed(children))
        if around:
            parts.append(around)


def _invisible(node: LexborNode) -> bool:
    return "invisible" in (node.attributes.get("class") or "").split()


def _tidy(text: str) -> str:
    text = _SPACES.sub(" ", text.replace("\u00a0", " ").replace("\r", "\n"))
    return _MANY_BREAKS.sub("\n\n", _AROUND_BREAKS.sub("\n", text)).strip()
