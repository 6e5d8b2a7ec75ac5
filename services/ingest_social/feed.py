"""What is polled: a feed has a name, a pause, and a durable cursor."""

from typing import NamedTuple, Protocol

import httpx

from services.ingest_social.post import Parsed
from services.runtime.errors import PipelineError


class TryLater(PipelineError):
    """A feed cannot be read now; `seconds` when the network said how long to wait, `status` when it answered at all."""

    def __init__(self, message: str, seconds: float | None = None, status: int = 0) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.status = status


class Page(NamedTuple):
    """What a poll gave, and where the next one goes on."""

    parsed: Parsed
    cursor: str


class Feed(Protocol):
    """One feed of one network."""

    name: str
    pause: float
    """Seconds between two polls."""

    def poll(self, client: httpx.Client, cursor: str, now: int) -> Page:
        """Everything since the cursor (empty at first). TryLater when it cannot be had now."""
        ...
