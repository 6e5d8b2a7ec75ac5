"""Loads one stream of rows: read, decide, send, wait for the broker's acknowledgement, remember; in this order.

A kill at any moment repeats at most the chunks that were not remembered. They are sent with the same ids again, and the
cleaner drops them as redeliveries.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from services.batch_loader.bronze_writer import BronzeWriter
from services.batch_loader.events import SERVICE, EventMaker, Origin, key_of
from services.batch_loader.interpret import Ignored, Joined, Read, Understood
from services.batch_loader.manifest.row_index import Entry, RowIndex, RowState
from services.batch_loader.manifest.store import Acknowledged, Also, Counted, Load, Manifest, nothing_else
from services.batch_loader.mapping.complaints import Complaint
from services.batch_loader.publish import Channel, Shipment
from services.batch_loader.records import Fault, Row, Torn
from services.batch_loader.revisions import decide
from services.runtime.codec import Codec
from services.runtime.errors import CodecError
from services.runtime.ledger import NO_POSITION, Counts, Outputs, entry
from services.runtime.publish import Publication

IN_FLIGHT = 2
"""Chunks on their way while the next is read."""


@dataclass
class Chunk:
    """Rows that are acknowledged and remembered together."""

    first_line: int = 0
    line: int = 0
    records: list[Publication] = field(default_factory=list)
    states: dict[int, RowState] = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)
    journal_id: int | None = None

    def entries(self) -> list[Entry]:
        """For the manifest."""
        return [(key, state[0], state[1], state[2]) for key, state in self.states.items()]


class Loader:
    """Loads the streams of one source.

    on_fault is told of each dead row; on_progress of each chunk that is remembered; `also` writes what is remembered
    with it. now gives ms UTC.
    """

    def __init__(
        self,
        maker: EventMaker,
        channel: Channel,
        codec: Codec,
        manifest: Manifest,
        index: RowIndex,
        instance: str,
        chunk_rows: int,
        on_fault: Callable[[Fault], None],
        on_progress: Callable[[Counted], None],
        also: Also = nothing_else,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._maker = maker
        self._channel = channel
        self._codec = codec
        self._manifest = manifest
        self._index = index
        self._instance = instance
        self._chunk_rows = chunk_rows
        self._on_fault = on_fault
        self._on_progress = on_progress
        self._also = also
        self._now = now
        self._split = False
        self._sent: deque[tuple[Chunk, Shipment]] = deque()
        self._entered: deque[tuple[Chunk, Shipment]] = deque()

    def load(self, load: Load, origin: Origin, reads: Iterable[list[Read]], settled: bool, split: bool = False) -> bool:
        """Load what is not loaded yet; whether the last row was left because it is torn.

        split: the rows are no input of their own but come out of what was read and joined before.

        settled: nobody writes to the source any more, so that a torn row is a fault. BrokerBusy when the broker does
        not confirm: what was not remembered is read again by the next run.
        """
        left = False
        self._split = split
        writer = self._maker.writer(origin)
        for part in _parts(_past(reads, load.line), self._chunk_rows):
            torn = [read for read in part if isinstance(read.complaint, Torn)]
            if torn and not settled:
                left = True
                part = [read for read in part if not isinstance(read.complaint, Torn)]
            if part:
                chunk = self._prepare(origin, writer, part)
                chunk.journal_id = self._index.intend(chunk.entries())
                self._sent.append((chunk, self._channel.send(chunk.records)))
                chunk.records = []  # the channel has its own copy
            while len(self._sent) > IN_FLIGHT:
                self._enter(load, origin)
            if self._index.full:
                self._drain(load, origin)
                self._index.merge()
        self._drain(load, origin)
        return left

    def _drain(self, load: Load, origin: Origin) -> None:
        while self._sent:
            self._enter(load, origin)
        while self._entered:
            self._remember(load)

    def _prepare(self, origin: Origin, writer: BronzeWriter, reads: list[Read]) -> Chunk:
        chunk = Chunk(reads[0].record.line, reads[-1].record.line)
        ids = [self._id(origin, read.complaint) for read in reads]
        keys = [key_of(uuid) if uuid else None for uuid in ids]
        known = self._index.known([key for key in keys if key is not None])
        for waiting, _ in (*self._entered, *self._sent):
            known.update(waiting.states)
        counted = chunk.counted
        for (record, found), uuid, key in zip(reads, ids, keys, strict=True):
            if found is None:
                continue
            counted.rows += 1
            if key is None:
                counted.joined += isinstance(found, Joined)
                counted.ignored += isinstance(found, Ignored)
            elif isinstance(found, Complaint) and isinstance(record, Row):
                self._add(chunk, origin, writer, record, found, uuid, key, known)
            else:
                self._bury(chunk, origin, _as_fault(found), key, known)
        return chunk

    def _id(self, origin: Origin, found: Understood) -> str:
        """Id of what a read is about; "" for what is neither sent nor buried."""
        if isinstance(found, Complaint):
            return self._maker.complaint_id(found)
        if found is None or isinstance(found, (Joined, Ignored)):
            return ""
        return self._maker.fault_id(origin, _as_fault(found))

    def _add(
        self,
        chunk: Chunk,
        origin: Origin,
        writer: BronzeWriter,
        row: Row,
        complaint: Complaint,
        uuid: str,
        key: int,
        known: dict[int, RowState],
    ) -> None:
        content = complaint.content
        revision = decide(known.get(key), content, complaint.occurred_at, complaint.revised_at, origin.received_at)
        if revision is None:
            chunk.counted.known += 1
            return
        try:
            chunk.records.append(self._maker.event(writer, row, complaint, uuid, revision))
        except CodecError as error:
            fault = Fault(row.line, row.raw, error.reason, f"line {row.line}: {error}")
            self._bury(chunk, origin, fault, key_of(self._maker.fault_id(origin, fault)), known)
            return
        if revision.action == "created":
            chunk.counted.loaded += 1
        else:
            chunk.counted.updated += 1
        known[key] = chunk.states[key] = RowState(content, revision.revision_no, revision.revised_at)

    def _bury(self, chunk: Chunk, origin: Origin, fault: Fault, key: int, known: dict[int, RowState]) -> None:
        if key in known and known[key].sure:
            chunk.counted.known += 1
            return
        chunk.records.append(self._maker.letter(origin, fault, self._now()))
        chunk.counted.dead += 1
        known[key] = chunk.states[key] = RowState(0, 0, 0)
        self._on_fault(fault)

    def _enter(self, load: Load, origin: Origin) -> None:
        """Wait for the oldest chunk's acknowledgement, and send its ledger entry after it."""
        chunk, shipment = self._sent.popleft()
        record = self._ledger(origin, chunk, shipment.wait())
        ledger = Publication("ledger", None, self._codec.encode("LedgerEntry", record))
        self._entered.append((chunk, self._channel.send([ledger])))
        while len(self._entered) > IN_FLIGHT:
            self._remember(load)

    def _remember(self, load: Load) -> None:
        chunk, shipment = self._entered.popleft()
        shipment.wait()
        done = Acknowledged(chunk.journal_id, chunk.entries(), chunk.line, chunk.counted)
        self._manifest.commit(load, self._index, done, self._also)
        self._on_progress(chunk.counted)

    def _ledger(self, origin: Origin, chunk: Chunk, outputs: Outputs) -> dict[str, object]:
        counted = chunk.counted
        written = counted.loaded + counted.updated
        return entry(
            service=SERVICE,
            topic=origin.topic,
            partition=NO_POSITION,
            from_position=NO_POSITION,
            to_position=NO_POSITION,
            log_hour=origin.received_at,
            committed_at=self._now(),
            instance=self._instance,
            counts=Counts(
                read=0 if self._split else counted.rows,
                split=counted.rows if self._split else 0,
                written=written,
                joined=counted.joined,
                ignored=counted.ignored,
                redelivered=counted.known,
                dead=counted.dead,
            ),
            channels={self._maker.channel: written} if written else {},
            outputs=outputs,
        )


def _as_fault(found: Understood) -> Fault:
    if isinstance(found, Fault):
        return found
    if isinstance(found, Torn):
        return Fault(found.line, found.raw, "malformed", f"line {found.line}: the file ends within this row")
    raise TypeError(f"{type(found).__name__} is no fault")


def _past(reads: Iterable[list[Read]], line: int) -> Iterator[Read]:
    """Reads after the line up to which all is remembered."""
    for batch in reads:
        yield from batch if batch and batch[0].record.line > line else (r for r in batch if r.record.line > line)


def _parts(reads: Iterator[Read], size: int) -> Iterator[list[Read]]:
    part: list[Read] = []
    for read in reads:
        part.append(read)
        if len(part) >= size:
            yield part
            part = []
    if part:
        yield part
