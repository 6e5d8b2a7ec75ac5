"""Lines of Asterisk's queue_log: epoch|callid|queue|agent|EVENT|data1|data2|..."""

from typing import NamedTuple

NO_CALL = frozenset({"NONE", "REALTIME", "CLI", "MANAGER", ""})
"""What stands for a call id in lines about agents and queues."""
LEAST = 5


class QueueEvent(NamedTuple):
    """One line."""

    at: int
    """Seconds since the epoch, UTC."""
    call_id: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]

    def value(self, place: int) -> str:
        """data1 is place 1; "" where there is none."""
        return self.data[place - 1] if len(self.data) >= place else ""


def parse(text: str) -> QueueEvent | None:
    """The event of a line without its end, or None where it is none.

    >>> parse("1699286234|1699286234.123|8000|NONE|ENTERQUEUE||7145|1").value(2)
    '7145'
    """
    parts = text.split("|")
    if len(parts) < LEAST or not parts[4].isalpha():
        return None
    seconds = parts[0].partition(".")[0]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return None
    return QueueEvent(int(seconds), parts[1], parts[2], parts[3], parts[4], tuple(parts[5:]))
