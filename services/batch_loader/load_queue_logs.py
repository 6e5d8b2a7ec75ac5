"""Loads Asterisk queue logs: oldest first, since a call may begin in one file and end in the next."""

import sys
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from services.batch_loader.events import Origin
from services.batch_loader.files.compression import Unreadable
from services.batch_loader.files.contents import Content, contents
from services.batch_loader.files.lines import Lines
from services.batch_loader.files.locate import FileRef
from services.batch_loader.load_files import begin, finish, is_settled
from services.batch_loader.manifest.waiting_calls import WaitingCalls
from services.batch_loader.progress import RunProgress
from services.batch_loader.queue_calls import Call, Calls
from services.batch_loader.queue_reads import QueueReads, read_of
from services.batch_loader.readers.queue_log import parse
from services.batch_loader.session import Session, now_ms, reading_of
from services.batch_loader.summary import FileResult, Summary

HEAD_LINES = 1_000


class QueueLogLoads:
    """Loads the queue logs of a session's source."""

    def __init__(self, session: Session, again: bool = False) -> None:
        self._session = session
        self._again = again
        self._waiting = WaitingCalls(session.manifest, session.source_id, session.settings.id_key())
        self._calls = Calls(Call.from_json(state) for state in self._waiting.all())

    def run(self, refs: Iterable[FileRef]) -> Summary:
        """Load logs; then give out the calls that have waited too long for their end."""
        results = self._session.summary.files
        sizes = self._session.manifest.sizes(self._session.source_id, reading_of(self._session.source))
        found: list[tuple[int, Content]] = []
        for ref in refs:
            try:
                found += [(first_time(content), content) for content in contents(ref, sizes)]
            except (Unreadable, OSError) as error:
                reason = str(error) if isinstance(error, Unreadable) else f"cannot be read ({type(error).__name__})"
                print(f"{ref.name}: {reason}", file=sys.stderr)
                results.append(FileResult(ref.name, note=reason, refused=True))
        found.sort(key=lambda pair: pair[0])
        with RunProgress(self._session.console, sum(content.size for _, content in found)) as progress:
            for _, content in found:
                progress.begin(content.name)
                results.append(self._log(content, progress))
        late = self._calls.overdue(now_ms() // 1000)
        self._give_out(late, {call.call_id: call.to_json() for call in late})
        return self._session.summary

    def _log(self, content: Content, progress: RunProgress) -> FileResult:
        session, now = self._session, now_ms()
        load, known = begin(session, content, self._again, now)
        if known is not None:
            return known
        with content.open() as stream:
            reads = QueueReads(Lines(stream, session.source.encoding), self._calls, content.sha256, now, load.line)

            def keep(connection: sa.Connection, line: int) -> None:
                self._waiting.keep(connection, reads.changes(line))

            loader = session.loader(content.name, lambda done: progress.advance(done.rows, 0), keep)
            origin = Origin(content.sha256, reads.media_type, now)
            left = loader.load(load, origin, iter(reads), is_settled(content, now))
        result = finish(session, content, load, left, now, [])
        late = self._calls.forget(reads.last_at)
        self._give_out([call for call in late if not call.given_out], {call.call_id: None for call in late})
        return result

    def _give_out(self, calls: Sequence[Call], states: Mapping[str, bytes | None]) -> None:
        """Send calls that never ended, as coming out of the file of their last line; keep or forget their states."""
        session, now = self._session, now_ms()
        for file in sorted({call.origin[0] for call in calls}):
            theirs = [call for call in calls if call.origin[0] == file]
            name = f"calls without an end, {file[:8]}"
            load = session.manifest.begin(
                session.source_id, file, f"{reading_of(session.source)[:8]}-ends", name, 0, now
            )
            changes = {call.call_id: states[call.call_id] for call in theirs}

            def keep(connection: sa.Connection, _: int, changes: dict[str, bytes | None] = changes) -> None:
                self._waiting.keep(connection, changes)

            load.line = 0
            origin = Origin(file, "text/plain; charset=utf-8", now)
            reads = [read_of(call) for call in sorted(theirs, key=lambda call: call.origin[1])]
            before = load.counted
            session.loader(name, lambda _: None, keep).load(load, origin, iter([reads]), True, split=True)
            session.manifest.finish(load, "loaded", session.source_id, f"{file}:ends", file, now)
            session.summary.files.append(FileResult(name, load.counted - before))


def first_time(content: Content) -> int:
    """Time of the first event of a log; 0 where none is near its beginning."""
    with content.open() as stream:
        for line in Lines(stream):
            event = parse((line.text or "").rstrip("\r\n"))
            if event is not None and event.at > 0:
                return event.at
            if line.number >= HEAD_LINES:
                break
    return 0
