"""Parts of long SMS: which messages are parts, what they have in common, and how they are put together again. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from services.domain.identity import IdKey

REFERENCE: Final = "part_reference"
NUMBER: Final = "part_number"
COUNT: Final = "part_count"
MISSING: Final = "parts_missing"
"""Attribute of a message that was released without some of its parts: how many."""
GAP: Final = "[...]"
"""What stands for parts that never came."""


def is_part(message: Mapping[str, Any]) -> bool:
    """Whether an SmsMessage is one of 2 to 255 parts of a long SMS."""
    attributes = message["attributes"]
    if REFERENCE not in attributes:
        return False
    number, count = (attributes.get(name, "") for name in (NUMBER, COUNT))
    if not all(len(text) <= 3 and text.isascii() and text.isdigit() for text in (number, count)):
        return False
    return 1 <= int(number) <= int(count) <= 255 and int(count) > 1


def part_key(ids: IdKey, message: Mapping[str, Any]) -> bytes:
    """Kafka key that all parts of one long SMS share; keyed, since a sender must not stand in a Kafka key."""
    attributes = message["attributes"]
    return ids.uuid(
        "part", message["gateway"], message["sender"], message["recipient"] or "", attributes[REFERENCE],
        attributes[COUNT],
    ).encode()  # fmt: skip


def joined(parts: Mapping[int, Mapping[str, Any]], count: int) -> dict[str, Any]:
    """The whole message of its parts by number (from 1). Id and time are of the first part that is there.

    >>> part = {"message_id": "a", "sender": "1", "recipient": None, "gateway": "x", "sent_at": 5, "attributes": {}}
    >>> joined({2: part | {"text": "world"}, 1: part | {"text": "hello "}}, 2)["text"]
    'hello world'
    """
    first = parts[min(parts)]
    text = []
    for number in range(1, count + 1):
        if number in parts:
            text.append(parts[number]["text"])
        elif not text or text[-1] != GAP:
            text.append(GAP)
    attributes = {name: value for name, value in first["attributes"].items() if name not in (NUMBER, REFERENCE, COUNT)}
    missing = count - len(parts)
    if missing:
        attributes[MISSING] = str(missing)
    return {**first, "text": "".join(text), "attributes": attributes}
