"""Sends alerts until the receiver has them: with back-off, with a limit, and without ever giving up silently."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final

import httpx

from services.classifier.alerts import forms
from services.classifier.alerts.alert import Alert

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 60.0
_log = logging.getLogger(__name__)


class Answer(Enum):
    """What came of one attempt."""

    TAKEN = "taken"
    LATER = "later"
    """Try again: no answer, 408, 425, 429, 5xx; and 401, 403, 404, which somebody must mend first."""
    REFUSED = "refused"
    """The receiver does not want this content (another 4xx), however often."""


class RateLimit:
    """At most so many requests a minute: a bucket of tokens that refills evenly.

    >>> limit = RateLimit(60.0)
    >>> limit.wait(0.0), limit.wait(0.0) > 0, limit.wait(2.0)
    (0.0, True, 0.0)
    """

    def __init__(self, per_minute: float, burst: float = 1.0) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._tokens = burst
        self._at = 0.0

    def wait(self, now: float) -> float:
        """Take a token if there is one, and answer 0; else the seconds until there is."""
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._per_second)
        self._at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._per_second


class Sender:
    """Posts batches of alerts to one receiver.

    `pause(seconds)` waits, keeps whatever must be kept alive, and answers False when it is time to stop.
    """

    def __init__(
        self,
        client: httpx.Client,
        url: str,
        form: str,
        limit: RateLimit,
        pause: Callable[[float], bool],
        secret: bytes | None = None,
        token: str | None = None,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._url = url
        self._form = form
        self._limit = limit
        self._pause = pause
        self._secret = secret
        self._token = token
        self._clock = clock
        self._jitter = jitter

    def send(self, alerts: Sequence[Alert]) -> list[Alert] | None:
        """Send until the receiver has them all; those that it refuses, each by itself. None when told to stop first."""
        if not alerts:
            return []
        content = forms.body(self._form, alerts, int(self._clock() * 1000))
        wait = FIRST_WAIT_SECONDS
        while True:
            while (seconds := self._limit.wait(self._clock())) > 0:
                if not self._pause(seconds):
                    return None
            answer, asked = self._attempt(content, alerts)
            if answer is Answer.TAKEN:
                return []
            if answer is Answer.REFUSED:
                return self._one_by_one(alerts)
            # full jitter: receivers that come back are not met by everybody at once
            if not self._pause(max(asked, wait * self._jitter())):
                return None
            wait = min(LONGEST_WAIT_SECONDS, wait * 2)

    def _one_by_one(self, alerts: Sequence[Alert]) -> list[Alert] | None:
        if len(alerts) == 1:
            return list(alerts)
        refused: list[Alert] = []
        for alert in alerts:
            found = self.send([alert])
            if found is None:
                return None
            refused += found
        return refused

    def _attempt(self, content: bytes, alerts: Sequence[Alert]) -> tuple[Answer, float]:
        now = int(self._clock() * 1000)
        headers = forms.headers(content, alerts, now, self._secret, self._token)
        try:
            response = self._client.post(self._url, content=content, headers=headers)
        except httpx.HTTPError as error:
            _log.warning("alerts cannot be delivered now", extra={"error": type(error).__name__})
            return Answer.LATER, 0.0
        status = response.status_code
        if status < 300:
            return Answer.TAKEN, 0.0
        _log.warning("the receiver of alerts answered with an error", extra={"status": status})
        if status in (401, 403, 404, 408, 425, 429) or status >= 500 or status < 400:
            return Answer.LATER, _retry_after(response)
        return Answer.REFUSED, 0.0


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the receiver asks for (RFC 9110, 10.2.3; the form with a date is not used by webhooks)."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT_SECONDS) if value.isdigit() else 0.0
