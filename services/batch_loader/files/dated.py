"""The day that a file's name bears."""

import re
from datetime import datetime, tzinfo

_DAY = re.compile(r"(?<!\d)(20\d{2})([-_.]?)([01]\d)\2([0-3]\d)(?!\d)")


def day_in(name: str, zone: tzinfo) -> int | None:
    """Midnight (ms UTC) of the day in a name such as call_logs_day_2026-01-02.csv, in a zone; None without one.

    >>> from datetime import timezone
    >>> day_in("call_logs_day_2026-01-02.csv", timezone.utc), day_in("calls.csv", timezone.utc)
    (1767312000000, None)
    """
    match = _DAY.search(name)
    if match is None:
        return None
    try:
        day = datetime(int(match[1]), int(match[3]), int(match[4]), tzinfo=zone)
    except ValueError:
        return None
    return round(day.timestamp() * 1000)
