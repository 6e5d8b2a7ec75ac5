"""Asterisk's call detail records (cdr_csv's Master.csv): no header, quotes doubled, local times without a zone."""

import re
from collections.abc import Sequence
from typing import Any

FIELDS = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield",
)  # fmt: skip
LEAST = 16
"""uniqueid and userfield can be switched off."""
DERIVED = (
    "uniqueid", "start", "caller", "name", "dst", "end", "duration", "disposition", "agent", "queue", "accountcode",
    "userfield",
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {
    "own_id": ("uniqueid",),
    "occurred_at": ("start",),
    "ended_at": ("end",),
    "msisdn": ("caller",),
    "customer_name": ("name",),
    "recipient": ("dst",),
    "duration_seconds": ("duration",),
    "outcome": ("disposition",),
    "agent_id": ("agent",),
    "queue": ("queue",),
    "note": ("userfield",),
}
_CLID = re.compile(r'\s*"?([^"<]*?)"?\s*(?:<([^>]*)>)?\s*')
_CHANNEL = re.compile(r"(.+?)-[0-9a-f]{8}(?:;\d)?")


def derive(values: Sequence[Any]) -> tuple[str, ...]:
    """The fields of a record as DERIVED names them.

    >>> derive(["", "", "200", "", '"Ada" <08031234567>', "", "SIP/bob-00000001", "Queue", "care,t"] + [""] * 9)[2:10]
    ('08031234567', 'Ada', '200', '', '', '', 'SIP/bob', 'care')
    """
    row = dict(zip(FIELDS, values, strict=True))
    match = _CLID.fullmatch(row["clid"])
    name, number = (match[1], match[2] or "") if match else ("", "")
    channel = _CHANNEL.fullmatch(row["dstchannel"])
    return (
        row["uniqueid"],
        row["start"],
        row["src"] or number,
        "" if name == number or name == row["src"] else name,
        row["dst"],
        row["end"],
        row["duration"],
        row["disposition"],
        channel[1] if channel else row["dstchannel"],
        row["lastdata"].split(",")[0] if row["lastapp"].lower() == "queue" else "",
        row["accountcode"],
        row["userfield"],
    )
