"""What a network's parser gives: posts, what was ignored, and what could not be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from services.runtime.errors import PipelineError

_DIGITS: Final = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,9})?")


class Refused(PipelineError):
    """A document, or one post of it, cannot be accepted: a reason, an HTTP status, and a message without values."""

    def __init__(self, reason: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
        self.raw: Any = None
        """The part of the document that could not be read, where it was one of several."""


@dataclass(slots=True)
class Parsed:
    """SocialPosts of a document, ignored events by reason, and refusals of single posts.

    raw holds for each post the part of the document that it was read from.
    """

    posts: list[dict[str, Any]] = field(default_factory=list)
    raw: list[Any] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def ignore(self, reason: str) -> None:
        """Count one event that is no complaint, by a reason of IGNORED_REASONS."""
        self.ignored[reason] = self.ignored.get(reason, 0) + 1

    def take(self, made: dict[str, Any], raw: Any) -> None:
        """Keep a post; one without text that is no deletion is counted as empty."""
        if made["text"].strip() or made["action"] == "deleted":
            self.posts.append(made)
            self.raw.append(raw)
        else:
            self.ignore("empty")

    def refuse(self, refused: Refused, raw: Any) -> None:
        """Set one post aside."""
        if refused.raw is None:
            refused.raw = raw
        self.refused.append(refused)

    @property
    def is_nothing(self) -> bool:
        """Whether neither a post, nor an ignored event, nor a refusal was found."""
        return not (self.posts or self.ignored or self.refused)

    def extend(self, other: "Parsed") -> None:
        """Add what another document gave."""
        self.posts += other.posts
        self.raw += other.raw
        self.refused += other.refused
        for reason, number in other.ignored.items():
            self.ignored[reason] = self.ignored.get(reason, 0) + number


def post(
    *,
    network: str,
    post_id: object,
    text: str,
    created_at: int,
    action: str = "created",
    author_id: object = None,
    author_handle: str | None = None,
    language: str | None = None,
    in_reply_to: object = None,
    url: str | None = None,
    place: str | None = None,
    followers: int | None = None,
    attributes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A SocialPost as a dict. Ids may be numbers in old payloads; they are kept as strings."""
    name = _string(post_id)
    if not name:
        raise Refused("missing_field", "the post has no id")
    return {
        "post_id": name,
        "network": network,
        "action": action,
        "author_id": _string(author_id) or None,
        "author_handle": author_handle.removeprefix("@") if author_handle else None,
        "text": text,
        "created_at": created_at,
        "language": language,
        "in_reply_to": _string(in_reply_to) or None,
        "url": url,
        "place": place,
        "followers": followers,
        "attributes": dict(attributes or {}),
    }


def object_of(value: object, name: str) -> dict[str, Any]:
    """A JSON object; Refused otherwise."""
    if not isinstance(value, dict):
        raise Refused("bad_field", f"{name} is not an object")
    return value


def list_of(value: object, name: str) -> list[Any]:
    """A JSON list, None being empty; Refused otherwise."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused("bad_field", f"{name} is not a list")
    return value


def text_of(value: object, name: str) -> str:
    """A string, None being empty; Refused otherwise, lone surrogates included."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused("bad_field", f"{name} is not a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused("bad_text", f"{name} holds what UTF-8 cannot") from None
    return value


def name_of(value: object) -> str | None:
    """A string that is not blank and valid Unicode, else None: for what is good to have and not needed."""
    if not isinstance(value, str) or not value.strip():
        return None
    return value.strip().encode("utf-8", "replace").decode()


def count_of(value: object) -> int | None:
    """A whole number of at least 0, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def moment(value: object, name: str) -> int:
    """Milliseconds UTC of ISO 8601 text, or of seconds or milliseconds since the epoch.

    >>> moment("2023-03-15T13:33:10Z", "t"), moment(1678886390, "t"), moment(1678886390000, "t")
    (1678887190000, 1678886390000, 1678886390000)
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = float(value) if "." in value else int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < 1e17:
            raise Refused("bad_timestamp", f"{name} is no time")
        return int(value if abs(value) >= 1e11 else value * 1000)
    if not isinstance(value, str):
        raise Refused("bad_timestamp", f"{name} is missing or no time")
    try:
        at = datetime.fromisoformat(value.strip())
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Refused("bad_timestamp", f"{name} is neither ISO 8601 nor a Unix time") from None


def _string(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()
