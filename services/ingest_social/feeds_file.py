"""The YAML file that says what to watch for and which feeds to read (SOCIAL_FEEDS_FILE)."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.ingest_social.feed import Feed
from services.ingest_social.networks import web
from services.ingest_social.polled import MastodonTimeline, RedditListing, RssFeed
from services.ingest_social.robots import Robots
from services.ingest_social.stream import Lines, MastodonLines, StreamFeed, XLines
from services.ingest_social.watch import Watch
from services.ingest_social.web_page import WebPage
from services.ingest_social.x_rules import set_rule
from services.ingest_social.x_search import FIELDS, XSearch
from services.runtime.errors import SettingsError
from services.runtime.settings import read_secret

X_STREAM = "/2/tweets/search/stream"
X_SILENCE = 22.0
"""X sends a blank line at least every 20 s."""
MASTODON_SILENCE = 60.0
"""Mastodon sends a comment line every 15 s or so."""
_NAME = r"^[a-z0-9][a-z0-9_.-]{0,47}$"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(pattern=_NAME)
    every: float = Field(default=60.0, gt=0, le=86_400)
    token_file: Path | None = None
    watch: list[str] | None = None

    def token(self) -> str:
        """The token, empty where none is set. SettingsError when the file cannot be read."""
        return read_secret(self.token_file, f"token_file of feed {self.name}") if self.token_file else ""


class XEntry(_Entry):
    """Recent search of X for what is watched."""

    network: Literal["x"]
    base_url: str = "https://api.x.com"
    stream: bool = False


class MastodonEntry(_Entry):
    """Hashtags that are watched for, or the one named here; without any, the public timeline."""

    network: Literal["mastodon"]
    base_url: str
    hashtag: str = ""
    stream: bool = False


class RedditEntry(_Entry):
    """A listing, e.g. r/nigeria/new or r/nigeria/comments."""

    network: Literal["reddit"]
    base_url: str = "https://oauth.reddit.com"
    path: str
    user_agent: str = "complaints-pipeline/1 (by the operator's customer care)"


class RssEntry(_Entry):
    """A feed."""

    network: Literal["rss"]
    url: str


class WebEntry(_Entry):
    """A page that is read by selectors. The agent must say who reads it and how to reach them."""

    network: Literal["web"]
    url: str
    selectors: web.Selectors = web.DEFAULT
    agent: str = Field(min_length=8, pattern=r"[@/]")


Entry = Annotated[XEntry | MastodonEntry | RedditEntry | RssEntry | WebEntry, Field(discriminator="network")]


class FeedsFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    watch: list[str] = []
    feeds: list[Entry] = []


def load(path: Path, fingerprint: Callable[[str], str]) -> list[Feed]:
    """The feeds of a file. SettingsError says which entry is wrong."""
    try:
        found = FeedsFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"SOCIAL_FEEDS_FILE: {path} cannot be read; create it or unset the setting") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"SOCIAL_FEEDS_FILE: {path} is not YAML") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SettingsError(f"SOCIAL_FEEDS_FILE: {where}: {first['msg']}") from error
    feeds = [feed for entry in found.feeds for feed in _feeds(entry, found.watch, fingerprint)]
    names = [feed.name for feed in feeds]
    if len(set(names)) != len(names):
        raise SettingsError("SOCIAL_FEEDS_FILE: two feeds bear the same name; the name keeps the cursor")
    return feeds


def _feeds(entry: Entry, common: list[str], fingerprint: Callable[[str], str]) -> list[Feed]:
    watch = Watch.of(common if entry.watch is None else entry.watch)
    if isinstance(entry, XEntry):
        queries = watch.x_queries()
        if not queries:
            raise SettingsError(f"SOCIAL_FEEDS_FILE: feed {entry.name} has nothing to watch for: add rules under watch")
        searches = [
            XSearch(_numbered(entry.name, n), entry.base_url, entry.token(), query, entry.every)
            for n, query in enumerate(queries)
        ]
        return [_x_stream(entry, searches)] if entry.stream else list(searches)
    if isinstance(entry, MastodonEntry):
        tags = [entry.hashtag.removeprefix("#")] if entry.hashtag else watch.hashtags() or [""]
        timelines = [
            MastodonTimeline(_numbered(entry.name, n), entry.base_url, tag, entry.token(), entry.every, watch)
            for n, tag in enumerate(tags)
        ]
        if not entry.stream:
            return list(timelines)
        return [_mastodon_stream(entry, tag, line, watch) for tag, line in zip(tags, timelines, strict=True)]
    if isinstance(entry, RedditEntry):
        headers = {"User-Agent": entry.user_agent}
        if entry.token_file:
            headers["Authorization"] = f"Bearer {entry.token()}"
        return [RedditListing(entry.name, entry.base_url, entry.path, headers, entry.every, watch, fingerprint)]
    if isinstance(entry, WebEntry):
        robots = Robots(entry.agent)
        return [WebPage(entry.name, entry.url, entry.selectors, entry.agent, entry.every, watch, fingerprint, robots)]
    return [RssFeed(entry.name, entry.url, entry.every, watch, fingerprint)]


def _x_stream(entry: XEntry, searches: list[XSearch]) -> Feed:
    if len(searches) > 1:
        raise SettingsError(
            f"SOCIAL_FEEDS_FILE: feed {entry.name}: a stream's gaps are filled by one search; shorten watch"
        )
    url = f"{entry.base_url.rstrip('/')}{X_STREAM}?{urlencode(FIELDS)}"
    token = entry.token()

    def open_lines() -> Lines:
        set_rule(entry.name, entry.base_url, token, searches[0].query)
        return Lines(entry.name, url, {"Authorization": f"Bearer {token}"}, X_SILENCE)

    return StreamFeed(entry.name, open_lines, searches[0], XLines())


def _mastodon_stream(entry: MastodonEntry, tag: str, timeline: MastodonTimeline, watch: Watch) -> Feed:
    base = f"{entry.base_url.rstrip('/')}/api/v1/streaming"
    url = f"{base}/hashtag?{urlencode({'tag': tag})}" if tag else f"{base}/public"
    headers = {"Authorization": f"Bearer {entry.token()}"} if entry.token_file else {}
    name = timeline.name
    return StreamFeed(name, lambda: Lines(name, url, headers, MASTODON_SILENCE), timeline, MastodonLines(watch))


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number}" if number else name
