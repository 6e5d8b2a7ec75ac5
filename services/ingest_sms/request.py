"""What a gateway's parser takes and gives: an HTTP request as received, and the messages read from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.runtime.errors import PipelineError


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as received.

    method is upper case; url is whole or a path, query included; header names are lower case; body is raw.

    >>> Request.of("post", "/v1/sms/kannel?id=7", {"Content-Type": "text/plain"}, b"").header("content-type")
    'text/plain'
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes) -> "Request":
        """A request whose method and header names may be in any case."""
        return cls(method.upper(), url, {name.lower(): value for name, value in headers.items()}, body)

    def header(self, name: str) -> str:
        """Value of a header (lower-case name), empty when absent."""
        return self.headers.get(name, "")

    @property
    def query(self) -> str:
        """The raw query string, percent signs and all, without the question mark."""
        return self.url.partition("#")[0].partition("?")[2]

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()


class Refused(PipelineError):
    """A request, or one message of it, cannot be accepted.

    reason is one of DEAD_LETTER_REASONS or of the two of authentication (missing_signature, bad_signature); status
    is the HTTP status; the message says which field was wrong, never its value.
    """

    def __init__(self, reason: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class Rejected:
    """One message of a request with several that could not be read, with its own raw bytes."""

    index: int
    reason: str
    detail: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor must be answered when all is well."""

    body: bytes = b'{"status":"accepted"}'
    media_type: str = "application/json"
    status: int = 200


@dataclass(slots=True)
class Parsed:
    """What a request held: messages (SmsMessage fields), ignored events counted by reason, and rejected messages.

    items says for each message of a batch which item it came from; empty for requests that hold one message.
    """

    messages: list[dict[str, Any]] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)

    def ignore(self, reason: str) -> None:
        """Count one event that is no message (a receipt, an empty one), by a reason of IGNORED_REASONS."""
        self.ignored[reason] = self.ignored.get(reason, 0) + 1
