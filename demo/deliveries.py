"""What the demo hands to the pipeline from outside: HTTP requests and records for topics."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from demo.messages import Entry
from demo.moments import moment

BRAND = "+2347000000000"
"""The number that customers write to; made up, as everything else."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """One run of the demo: its moment, a word that makes its ids unlike those of other runs, addresses and secrets."""

    now: int
    run: str
    sms_url: str = "http://127.0.0.1:8081"
    social_url: str = "http://127.0.0.1:8082"
    twilio_token: str = ""
    meta_secret: str = ""

    def at(self, entry: Entry) -> int:
        """When an entry was written, in milliseconds since the epoch."""
        return moment(entry.at, self.now)

    def uuid(self, entry: Entry) -> uuid.UUID:
        """The id that the source would have given; a second delivery has the same."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self.run}/{entry.origin}")

    def number(self, entry: Entry, digits: int = 15) -> int:
        """A numeric id of so many digits, for sources that number."""
        least: int = 10 ** (digits - 1)
        return least + self.uuid(entry).int % (9 * least)


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request and the status that the answer must have."""

    origin: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    answer: int = 200
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """One record for a topic (logical name)."""

    origin: str
    topic: str
    value: bytes | None
    key: bytes | None = None


Delivery = Call | TopicRecord
