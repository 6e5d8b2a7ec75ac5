"""Lands the records of some topics in the warehouse, each exactly once.

One round, for the partitions that are due:
1. declare: commit each range's first position with the range as metadata ("pending");
2. insert each range, under a token that is a function of it, and nothing else;
3. account: dead letters of refused rows and the ledger entries, acknowledged by the broker;
4. advance: commit the range's end without metadata.
A crash or a rebalance between any two steps leaves a pending range, which the next owner of the partition reads and
inserts again under the same token before anything else. A member that lost the partition is refused at step 1.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message

from services.runtime.errors import BrokerBusy
from services.sink.account import Account, Landing
from services.sink.buffer import Limits, PartitionBuffer, Record
from services.sink.isolate import isolate
from services.sink.membership import Fenced, Member, Place
from services.sink.ranges import Range, pending
from services.sink.targets import Parcel, Refusal, Target
from services.sink.warehouse import RowRejected, WarehouseAway

_log = logging.getLogger(__name__)

POLL_RECORDS: Final = 10_000
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 2.0
STEPS: Final = ("declared", "inserting", "inserted", "accounted", "advanced")
"""Where a round stands, as `step` is told: where tests stop or kill."""

Insert = Callable[[str, Sequence[str], bytes, str], None]
"""(table, columns, Avro file, token): inserts, or raises WarehouseAway or RowRejected."""


class _Interrupted(Exception):
    """The round is void: the partitions were taken away, or the process is to end."""


class Lander:
    """The loop of one member. Run it in a thread of its own; it owns its Kafka clients and its warehouse client."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        insert: Insert,
        account: Account,
        limits: Limits,
        *,
        fence_after: float,
        turn: Callable[[bool], bool] = lambda _behind: True,
        beat: Callable[[], None] = lambda: None,
        step: Callable[[str, Range | None], None] = lambda _name, _range: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._targets = targets
        self._insert = insert
        self._account = account
        self._limits = limits
        self._fence_after = fence_after
        self._turn = turn
        self._beat = beat
        self._step = step
        self._clock = clock
        self._buffers: dict[Place, PartitionBuffer] = {}
        self._held = False
        self.owned: frozenset[Place] = frozenset()
        """Places that this member owns now; read by other threads."""

    def run(self, join: Callable[["Lander"], Member], stop: threading.Event) -> None:
        """Land until `stop` is set. A member whose client failed is closed and another joins."""
        pause = FIRST_WAIT
        while not stop.is_set():
            member = None
            try:
                member = join(self)
                while not stop.is_set():
                    self.turn(member, stop)
                    pause = FIRST_WAIT
            except (KafkaException, KafkaError, BrokerBusy) as error:
                # what a rebalance callback raises comes out of poll() as the bare KafkaError
                _log.warning("the member is replaced", extra={"why": type(error).__name__})
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_WAIT)
            finally:
                if member is not None:
                    member.close()
                self.revoked()

    def turn(self, member: Member, stop: threading.Event) -> None:
        """Read what there is, and land what is due."""
        self._hold(member, any(buffer.full for buffer in self._buffers.values()))
        self._receive(member.poll(self._patience(), POLL_RECORDS))
        self._beat()
        now = self._clock()
        due = [buffer for buffer in self._buffers.values() if buffer.due(now)]
        if not self._turn(self._behind()) or not due:
            return
        try:
            self._land(member, due, stop)
        except Fenced as error:
            _log.warning("partitions are with another member now", extra={"why": str(error)})
            # what was read is void; the poll that follows joins the group again and is assigned anew
            self.revoked()
        except _Interrupted:
            return

    def assigned(self, positions: Mapping[Place, tuple[int, str | None]], epochs: Mapping[str, str]) -> None:
        """The member owns these places from the committed positions on; a range left pending goes first."""
        self._buffers = {}
        for (topic, partition), (offset, metadata) in positions.items():
            replay = pending(topic, partition, offset, metadata)
            if replay is not None and replay.epoch != epochs[topic]:
                replay = None  # the topic was made anew: the range was of another one
            if replay is not None:
                _log.info(
                    "a pending range is landed again",
                    extra={"topic": topic, "partition": partition, "first": replay.first, "end": replay.end},
                )
            self._buffers[topic, partition] = PartitionBuffer(
                topic, partition, epochs[topic], offset, self._limits, replay
            )
        self.owned = frozenset(self._buffers)
        self._held = False

    def revoked(self) -> None:
        """The member owns nothing any more; what was read but not declared is for the next owner to read."""
        self._buffers = {}
        self.owned = frozenset()

    def lag(self) -> dict[Place, int]:
        """Records read and not yet landed, by place."""
        return {place: len(buffer) for place, buffer in list(self._buffers.items())}

    def _behind(self) -> bool:
        now = self._clock()
        return any(not buffer.at_end or buffer.due(now) for buffer in self._buffers.values())

    def _patience(self) -> float:
        """How long a poll may wait: not beyond the moment when a buffered record is due."""
        return min(0.05, self._limits.seconds / 4) if any(map(len, self._buffers.values())) else 0.1

    def _hold(self, member: Member, held: bool) -> None:
        if held != self._held:
            member.pause() if held else member.resume()
            self._held = held

    def _receive(self, messages: Sequence[Message]) -> None:
        now = self._clock()
        for message in messages:
            place = (self._account.logical(message.topic() or ""), message.partition() or 0)
            buffer = self._buffers.get(place)
            error = message.error()
            if error is not None:
                if error.fatal():
                    raise KafkaException(error)
                if buffer is not None and error.code() == KafkaError._PARTITION_EOF:
                    buffer.reached_end(message.offset() or 0)
                continue
            if buffer is not None:
                buffer.add(
                    Record(
                        message.offset() or 0,
                        message.timestamp()[1],
                        message.key(),
                        message.value(),
                        message.headers(),
                    ),
                    now,
                )

    def _land(self, member: Member, due: Sequence[PartitionBuffer], stop: threading.Event) -> None:
        started = self._clock()
        declared = self._declare(member, [buffer.take() for buffer in due], stop)
        landings = []
        for buffer in due:
            if self._clock() - declared > self._fence_after:
                # this process may have been stopped: a member of another generation is refused here
                declared = self._declare(member, [buffer.take()], stop)
            landings.append(self._land_range(member, buffer, stop))
        self._patiently(member, lambda: self._account.settle(landings), stop)
        self._step("accounted", landings[0].span)
        ends = {(buffer.topic, buffer.partition): (buffer.take().end, "") for buffer in due}
        self._patiently(member, lambda: member.commit(ends), stop)
        now = self._clock()
        for buffer in due:
            buffer.advanced(now)
        self._account.took(now - started)
        self._step("advanced", None)

    def _declare(self, member: Member, ranges: Sequence[Range], stop: threading.Event) -> float:
        """Record ranges as pending; the time before the broker was asked."""
        asked = self._clock()
        offsets = {(span.topic, span.partition): (span.first, span.metadata()) for span in ranges}
        self._patiently(member, lambda: member.commit(offsets), stop)
        self._step("declared", ranges[0])
        return asked

    def _land_range(self, member: Member, buffer: PartitionBuffer, stop: threading.Event) -> Landing:
        span, records = buffer.take(), buffer.taken_records()
        target = self._targets[span.topic]
        packed: list[tuple[list[Parcel], list[Refusal]]] = []
        self._patiently(member, lambda: packed.append(target.pack(span.topic, span.partition, records)), stop)
        parcels, refusals = packed[0]
        for parcel in parcels:
            refusals += self._land_parcel(member, buffer, parcel, stop)
        self._step("inserted", span)
        return Landing(buffer.take(), records, refusals, parcels)

    def _land_parcel(
        self, member: Member, buffer: PartitionBuffer, parcel: Parcel, stop: threading.Event
    ) -> list[Refusal]:
        """Insert a parcel; the rows that the warehouse refuses, found by bisection."""

        def attempt(low: int, high: int) -> bool:
            self._step("inserting", buffer.take())
            token = buffer.take().token(parcel.part, low, high)
            data = parcel.file(low, high)
            try:
                self._patiently(member, lambda: self._insert(parcel.table, parcel.columns, data, token), stop)
            except RowRejected:
                return False
            return True

        def known(low: int, high: int) -> bool:
            return (parcel.part, low, high) in buffer.take().rejected

        def refused(low: int, high: int) -> None:
            if high - low > 1:
                # on record before a part of it is sent: a replay must not send the whole again, under another token
                buffer.retake(buffer.take().with_rejected(parcel.part, low, high))
                self._declare(member, [buffer.take()], stop)

        bad = isolate(len(parcel.rows), attempt, known, refused)
        return [
            Refusal(parcel.records[index], "rejected_by_warehouse", f"{parcel.table}: ClickHouse refused the row")
            for index in bad
        ]

    def _patiently(self, member: Member, action: Callable[[], None], stop: threading.Event) -> None:
        """Do it, again and again while the broker, the registry or the warehouse is away, staying in the group.

        _Interrupted when the partitions go to somebody else meanwhile, or the process is to end.
        """
        pause, owned, told = FIRST_WAIT, self._buffers, False
        while True:
            try:
                action()
                break
            except (WarehouseAway, BrokerBusy) as error:
                if not told:
                    _log.warning("waiting", extra={"for": str(error)})
                told = True
            self._hold(member, True)
            until = self._clock() + pause
            while self._clock() < until:
                self._receive(member.poll(min(0.1, pause), POLL_RECORDS))
                self._beat()
                if stop.is_set() or self._buffers is not owned:
                    raise _Interrupted
            pause = min(pause * 2, LONGEST_WAIT)
        if told:
            _log.info("going on")
