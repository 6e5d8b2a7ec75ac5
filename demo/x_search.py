"""A small local stand-in for X: answers GET /2/tweets/search/recent with the sample posts, page by page.

https://docs.x.com/x-api/posts/search/introduction: newest first; next_token leads to older posts, since_id leaves out
those that the caller knows.
"""

import json
import threading
from collections.abc import Sequence
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from demo.deliveries import Occasion
from demo.messages import Post
from demo.moments import lagos

PATH = "/2/tweets/search/recent"
LARGEST_PAGE = 25
"""X gives up to 100; fewer make the sample several pages."""
_EPOCH_MS = 1_288_834_974_657  # from here X's ids count milliseconds, in their upper bits


def tweet_id(post: Post, occasion: Occasion) -> int:
    """An id that is ordered by time, as X's are."""
    return ((occasion.at(post) - _EPOCH_MS) << 22) | occasion.number(post) % (1 << 22)


class RecentSearch:
    """The answers of the search to the posts of one run.

    >>> post = Post(who="ada", text="No network", about="network_outage", followers=7)
    >>> search = RecentSearch([post], Occasion(1_767_265_200_000, "run"))
    >>> search.page({})["data"][0]["text"], search.page({"since_id": "9" * 19})["meta"]
    ('No network', {'result_count': 0})
    """

    def __init__(self, posts: Sequence[Post], occasion: Occasion) -> None:
        self._found = sorted(((tweet_id(post, occasion), post) for post in posts), key=lambda pair: -pair[0])
        self._occasion = occasion

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """One answer. query: max_results (10 or more), since_id, next_token."""
        size = min(max(int(query.get("max_results", 10)), 10), LARGEST_PAGE)
        start = int(query.get("next_token", "t0")[1:])
        since = int(query.get("since_id", 0))
        left = [pair for pair in self._found if pair[0] > since]
        chosen = left[start : start + size]
        if not chosen:
            return {"meta": {"result_count": 0}}
        meta = {
            "newest_id": str(chosen[0][0]),
            "oldest_id": str(chosen[-1][0]),
            "result_count": len(chosen),
        }
        if start + size < len(left):
            meta["next_token"] = f"t{start + size}"
        posts = [post for _, post in chosen]
        return {
            "data": [self._tweet(found, post) for found, post in chosen],
            "includes": {
                "users": list({self._author(post): self._user(post) for post in posts}.values()),
                "places": [_place(name) for name in sorted({post.geo for post in posts if post.geo})],
            },
            "meta": meta,
        }

    def _tweet(self, found: int, post: Post) -> dict[str, Any]:
        tweet = {
            "id": str(found),
            "text": post.text,
            "edit_history_tweet_ids": [str(found)],
            "created_at": lagos(self._occasion.at(post)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "author_id": self._author(post),
            "conversation_id": str(found),
            "public_metrics": {"retweet_count": 0, "reply_count": 1, "like_count": 3, "quote_count": 0},
        }
        return tweet | {"geo": {"place_id": _place(post.geo)["id"]}} if post.geo else tweet

    def _user(self, post: Post) -> dict[str, Any]:
        return {
            "id": self._author(post),
            "name": post.who.replace("_", " ").title(),
            "username": post.who,
            "public_metrics": {"followers_count": post.followers or 0, "following_count": 120},
        }

    @staticmethod
    def _author(post: Post) -> str:
        return str(10**18 + int.from_bytes(post.who.encode()[-7:], "big") % 10**17)


def _place(name: str) -> dict[str, str]:
    return {"id": name.encode().hex()[:16], "full_name": name, "country_code": "NG"}


class XServer:
    """The search behind HTTP on a free port of this machine. Use it as a context manager; `url` is its address."""

    def __init__(self, search: RecentSearch) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path != PATH:
                    self._answer(404, {"title": "Not Found"})
                elif not self.headers.get("Authorization", "").startswith("Bearer "):
                    self._answer(401, {"title": "Unauthorized"})
                else:
                    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self._answer(200, search.page(query))

            def _answer(self, status: int, document: dict[str, Any]) -> None:
                body = json.dumps(document, ensure_ascii=False).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("x-rate-limit-limit", "450")
                self.send_header("x-rate-limit-remaining", "449")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: the terminal belongs to the demo."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="x", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "XServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
