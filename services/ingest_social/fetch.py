"""Gets a document over HTTP for a feed: bounded in size, patient as the network asks."""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from services.ingest_social.feed import TryLater

MAX_BYTES: Final = 8_000_000
LONGEST_WAIT: Final = 900.0
RATE_LIMITED_WAIT: Final = 60.0
REFUSED_WAIT: Final = 300.0
_RESETS: Final = ("x-rate-limit-reset", "x-ratelimit-reset")


def get(
    client: httpx.Client,
    name: str,
    url: str,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """The answer, 200 or 304. TryLater for anything else, with the wait that the network asks for."""
    try:
        with client.stream("GET", url, params=params, headers=headers, follow_redirects=True) as answer:
            if answer.status_code not in (200, 304):
                raise TryLater(_why(name, answer.status_code), wait_of(answer), answer.status_code)
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MAX_BYTES:
                    raise TryLater(f"{name} sends more than {MAX_BYTES} bytes", REFUSED_WAIT)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TryLater(f"{name} does not answer ({type(error).__name__})") from error
    kept = {key: value for key, value in answer.headers.items() if key not in ("content-encoding", "transfer-encoding")}
    return httpx.Response(answer.status_code, headers=kept, content=bytes(body))


def _why(name: str, status: int) -> str:
    if status == 429:
        return f"{name} is over its rate limit"
    if status in (401, 403):
        return f"{name} refuses us ({status}): check its token or permissions"
    return f"{name} answered {status}"


def wait_of(answer: httpx.Response) -> float | None:
    """Seconds that the network asks us to wait; None where it says nothing and backing off is enough."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isdigit():
        return min(max(float(asked), 1.0), LONGEST_WAIT)
    if asked:
        try:
            return min(max(parsedate_to_datetime(asked).timestamp() - time.time(), 1.0), LONGEST_WAIT)
        except ValueError:
            return RATE_LIMITED_WAIT
    if answer.status_code == 429:
        return _until_reset(answer) or RATE_LIMITED_WAIT
    return REFUSED_WAIT if answer.status_code in (401, 403) else None


def _until_reset(answer: httpx.Response) -> float | None:
    """X says when, as Unix time; Reddit after how many seconds; Mastodon as ISO 8601, which is left to the default."""
    for name in _RESETS:
        value = answer.headers.get(name, "").partition(".")[0]
        if value.isdigit():
            seconds = float(value) - time.time() if len(value) > 8 else float(value)
            return min(max(seconds, 1.0), LONGEST_WAIT)
    return None


def budget_wait(answer: httpx.Response) -> float:
    """Seconds to rest so that what is left of the rate limit lasts until it is renewed; 0 where there is plenty."""
    left = next(
        (answer.headers[n] for n in ("x-rate-limit-remaining", "x-ratelimit-remaining") if n in answer.headers), ""
    )
    left = left.partition(".")[0]
    if not left.isdigit() or int(left) > 1:
        return 0.0
    return _until_reset(answer) or 0.0
