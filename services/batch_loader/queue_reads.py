"""Reads a queue_log as what becomes of each line: a call's event, a part of a call, or nothing to us."""

from collections import deque
from collections.abc import Iterator

from services.batch_loader.files.lines import Lines
from services.batch_loader.interpret import Ignored, Joined, Read
from services.batch_loader.queue_calls import Call, Calls
from services.batch_loader.readers.queue_log import NO_CALL, parse
from services.batch_loader.records import BATCH_ROWS, Fault, Row, Torn
from services.domain.bronze import timestamp_fault


class QueueReads:
    """The reads of one log. origin: hash of the file. received_at: ms UTC.

    What each line changes among the waiting calls is given out by `changes`, so that it can be remembered together with
    the lines.
    """

    def __init__(self, lines: Lines, calls: Calls, origin: str, received_at: int, after: int = 0) -> None:
        self._lines = lines
        self._calls = calls
        self._origin = origin
        self._received_at = received_at
        self._after = after
        self._changes: deque[tuple[int, str, bytes | None]] = deque()
        self.last_at = 0
        """Time of the last event, seconds since the epoch."""
        self.media_type = f"text/plain; charset={lines.encoding.name}"

    def __iter__(self) -> Iterator[list[Read]]:
        reads: list[Read] = []
        for line in self._lines:
            if line.number <= self._after:
                continue
            if line.text is None:
                reason, detail = line.fault or ("malformed", f"line {line.number}")
                fault = Fault(line.number, line.raw, reason, detail)
                reads.append(Read(fault, fault))
            elif text := line.text.rstrip("\r\n"):
                reads.append(self._read(line.number, line.raw, text, line.text != text))
            if len(reads) >= BATCH_ROWS:
                yield reads
                reads = []
        if self._lines.damaged:
            at = self._lines.count + 1
            fault = Fault(at, b"", "malformed", f"line {at}: {self._lines.damaged}")
            reads.append(Read(fault, fault))
        if reads:
            yield reads

    def changes(self, line: int) -> dict[str, bytes | None]:
        """State after this line of the calls that changed since the last time; None for a call that has ended."""
        found: dict[str, bytes | None] = {}
        while self._changes and self._changes[0][0] <= line:
            _, call_id, state = self._changes.popleft()
            found[call_id] = state
        return found

    def _read(self, number: int, raw: bytes, text: str, ended: bool) -> Read:
        row = Row(number, raw, ())
        if not ended:
            return Read(row, Torn(number, raw))
        event = parse(text)
        if event is None:
            return Read(row, Fault(number, raw, "malformed", f"line {number} is no line of a queue_log"))
        if event.call_id in NO_CALL:
            return Read(row, Ignored("unknown_event"))
        wrong = timestamp_fault(event.at * 1000, self._received_at)
        if wrong:
            return Read(row, Fault(number, raw, "bad_timestamp", f"line {number}: a time {wrong}"))
        call, ends = self._calls.take(event, text, (self._origin, number))
        self.last_at = max(self.last_at, event.at)
        self._changes.append((number, event.call_id, None if ends else call.to_json()))
        return read_of(call) if ends else Read(row, Joined())


def read_of(call: Call) -> Read:
    """A call that waits no longer, its lines being the payload."""
    whole = "\n".join(call.lines).encode("utf-8", "surrogatepass") + b"\n"
    return Read(Row(call.origin[1], whole, ()), call.complaint())
