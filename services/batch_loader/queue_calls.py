"""Joins the lines of a queue_log into calls: one complaint a call, however many lines and files it takes.

A call ends with its exit line. One that never gets an exit line is given out when it has waited for long enough: by the
log's own time it is then forgotten; by our clock it is kept, since an old log may go on in a file that is loaded later.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from services.batch_loader.mapping.complaints import Complaint, digest
from services.batch_loader.readers.queue_log import QueueEvent

TIMEOUT_SECONDS = 6 * 3_600
"""After so long without a line nobody waits in a queue any more."""
MAX_LINES = 500
"""Lines that are kept of one call; further ones change its state only."""

# Outcomes in our words. hold, talk and wait are seconds; places as in Asterisk's documentation of queue_log.
_ENDS = {
    "COMPLETECALLER": ("answered, ended by the caller", 1, 2),
    "COMPLETEAGENT": ("answered, ended by the agent", 1, 2),
    "ABANDON": ("abandoned", 3, None),
    "EXITWITHTIMEOUT": ("not answered in time", 3, None),
    "EXITWITHKEY": ("left by key", 4, None),
    "EXITEMPTY": ("no agent there", 3, None),
    "TRANSFER": ("transferred", 3, 4),
    "BLINDTRANSFER": ("transferred", 3, 4),
    "ATTENDEDTRANSFER": ("transferred", 3, 4),
    "SYSCOMPAT": ("not compatible", None, None),
}


@dataclass
class Call:
    """What is known of a call so far."""

    call_id: str
    began_at: int
    """Seconds since the epoch."""
    last_at: int
    queue: str = ""
    caller: str = ""
    agent: str = ""
    outcome: str = ""
    held: str = ""
    talked: str = ""
    entered: bool = False
    given_out: bool = False
    """Whether it was given out without an end."""
    origin: tuple[str, int] = ("", 0)
    """File and line of its last line."""
    lines: list[str] = field(default_factory=list)

    def to_json(self) -> bytes:
        """For the manifest (which seals it: it holds a caller's number)."""
        return json.dumps(asdict(self)).encode()

    @staticmethod
    def from_json(data: bytes) -> "Call":
        """As to_json wrote it."""
        values = json.loads(data)
        return Call(**values | {"origin": tuple(values["origin"])})

    def complaint(self) -> Complaint:
        """The call as a complaint."""
        fields = {
            "queue": self.queue,
            "agent_id": self.agent,
            "outcome": self.outcome or "no end in the log",
            "hold_seconds": self.held,
            "duration_seconds": self.talked,
        }
        identifiers = (("msisdn", self.caller),) if self.caller else ()
        kept = {name: value for name, value in fields.items() if value}
        ended = self.last_at * 1000 if self.outcome else None
        content = digest([self.call_id, self.caller, *kept, *kept.values(), f"{self.began_at}:{ended}"])
        return Complaint(self.call_id, identifiers, "", "", self.began_at * 1000, ended, "", kept, content)


class Calls:
    """The calls that are under way in one source's log."""

    def __init__(self, waiting: Iterable[Call] = ()) -> None:
        self._waiting = {call.call_id: call for call in waiting}

    def take(self, event: QueueEvent, text: str, origin: tuple[str, int]) -> tuple[Call, bool]:
        """The call of an event that has one, with what the event adds; and whether the call ends with it."""
        call = self._waiting.get(event.call_id)
        if call is None or (event.event == "ENTERQUEUE" and call.entered and call.outcome):
            call = self._waiting[event.call_id] = Call(event.call_id, event.at, event.at)
        call.last_at = max(call.last_at, event.at)
        call.origin = origin
        if len(call.lines) < MAX_LINES:
            call.lines.append(text)
        _apply(call, event)
        ends = event.event in _ENDS
        if ends:
            del self._waiting[event.call_id]
        return call, ends

    def overdue(self, now: int) -> list[Call]:
        """Calls to be given out, whose last line is TIMEOUT_SECONDS before `now` (seconds); they go on waiting."""
        late = [call for call in self._waiting.values() if call.last_at < now - TIMEOUT_SECONDS and not call.given_out]
        for call in late:
            call.given_out = True
        return late

    def forget(self, log_time: int) -> list[Call]:
        """Calls that wait no longer, whose last line is TIMEOUT_SECONDS before the log's time (seconds)."""
        late = [call for call in self._waiting.values() if call.last_at < log_time - TIMEOUT_SECONDS]
        for call in late:
            del self._waiting[call.call_id]
        return late

    def __len__(self) -> int:
        return len(self._waiting)


def _apply(call: Call, event: QueueEvent) -> None:
    if event.queue not in ("", "NONE"):
        call.queue = event.queue
    if event.event == "ENTERQUEUE":
        call.entered = True
        call.began_at = min(call.began_at, event.at)
        call.caller = event.value(2) or call.caller
    elif event.event == "CONNECT":
        call.agent, call.held = event.agent, event.value(1)
    elif event.event in _ENDS:
        outcome, held, talked = _ENDS[event.event]
        call.outcome = outcome
        call.held = (event.value(held) if held else "") or call.held
        call.talked = event.value(talked) if talked else ""
        if event.agent not in ("", "NONE"):
            call.agent = event.agent
