"""Times as gateways write them, to milliseconds since the epoch, UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from services.ingest_sms.request import Refused

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"-?[0-9]{1,19}(?:\.[0-9]{1,9})?")
_LEAST_MS = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973
_LEAST_US = 100_000_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_ms(text: str, zone: tzinfo = UTC, seconds_needed: bool = False) -> int:
    """Milliseconds of an ISO 8601 or RFC 3339 time, with T or a space, with or without fraction and zone.

    A time without a zone is taken in `zone`. Raises Refused (bad_timestamp).

    >>> iso_ms("2016-10-06T09:28:39.220+0000"), iso_ms("2017-05-03 06:04:45")
    (1475746119220, 1493791485000)
    """
    match = _ISO.fullmatch(text.strip())
    if match is None or (seconds_needed and match[6] is None):
        raise Refused("bad_timestamp", "the time is not of the form YYYY-MM-DDTHH:MM:SSZ")
    year, month, day, hour, minute = (int(match[i]) for i in range(1, 6))
    microsecond = int((match[7] or "").ljust(6, "0")[:6])
    try:
        zone = _zone(match[8]) if match[8] else zone
        moment = datetime(year, month, day, hour, minute, int(match[6] or 0), microsecond, zone)
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError) as error:
        raise Refused("bad_timestamp", "the time names no moment of the calendar") from error


def _zone(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def epoch_ms(value: int | float | str) -> int:
    """Milliseconds of a Unix time in seconds, milliseconds or microseconds; which of them shows in its size.

    >>> epoch_ms(1493735509), epoch_ms("1678794364855")
    (1493735509000, 1678794364855)
    """
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            raise Refused("bad_timestamp", "the time is not a Unix time")
        value = float(text) if "." in text else int(text)
    if isinstance(value, bool) or value != value or abs(value) >= 2**63:
        raise Refused("bad_timestamp", "the time is not a Unix time")
    if abs(value) >= _LEAST_US:
        return round(value / 1000)
    return round(value if abs(value) >= _LEAST_MS else value * 1000)


def any_ms(value: object, zone: tzinfo = UTC) -> int:
    """Milliseconds of a Unix time or an ISO 8601 time, whichever it is. Raises Refused (bad_timestamp)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return epoch_ms(value)
    if not isinstance(value, str):
        raise Refused("bad_timestamp", "the time is neither text nor a number")
    return epoch_ms(value) if _NUMBER.fullmatch(value.strip()) else iso_ms(value, zone)
