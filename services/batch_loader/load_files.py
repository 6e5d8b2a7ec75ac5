"""Loads files, each once by its content."""

import sys
from collections.abc import Iterable, Sequence

from services.batch_loader.events import Origin
from services.batch_loader.files.compression import Unreadable
from services.batch_loader.files.contents import Content, contents
from services.batch_loader.files.dated import day_in
from services.batch_loader.files.locate import FileRef
from services.batch_loader.interpret import Interpreter
from services.batch_loader.manifest.store import Counted, Load
from services.batch_loader.progress import RunProgress
from services.batch_loader.readers.formats import reader_of
from services.batch_loader.session import Session, now_ms, reading_of
from services.batch_loader.summary import FileResult, Summary

SETTLED_MS = 3_600_000
"""A file that nobody has written to for so long has got its last row, torn or not."""


class FileLoads:
    """Loads files of a session's source. again: also those that are loaded, for changes in how they are understood."""

    def __init__(self, session: Session, again: bool = False) -> None:
        self._session = session
        self._again = again
        self._read_before = 0

    def run(self, refs: Iterable[FileRef]) -> Summary:
        """Load files, each on its own: one that cannot be read does not keep the next from being loaded."""
        refs = list(refs)
        results = self._session.summary.files
        sizes = self._session.manifest.sizes(self._session.source_id, reading_of(self._session.source))
        with RunProgress(self._session.console, sum(ref.size for ref in refs)) as progress:
            for ref in refs:
                progress.begin(ref.name)
                try:
                    for content in contents(ref, sizes):
                        results.append(self._content(content, progress))
                except (Unreadable, OSError) as error:
                    reason = str(error) if isinstance(error, Unreadable) else f"cannot be read ({type(error).__name__})"
                    print(f"{ref.name}: {reason}", file=sys.stderr)
                    results.append(FileResult(ref.name, note=reason, refused=True))
                self._read_before += ref.size
        return self._session.summary

    def _content(self, content: Content, progress: RunProgress) -> FileResult:
        session, now = self._session, now_ms()
        load, known = begin(session, content, self._again, now)
        if known is not None:
            return known
        loader = session.loader(content.name, lambda done: progress.advance(done.rows, self._read_before))
        with content.open() as stream:
            reader = reader_of(stream, session.source)
            day = day_in(content.member or content.ref.name, session.source.zone)
            interpreter = Interpreter(reader, session.source, now, day)
            origin = Origin(content.sha256, reader.media_type, now)
            left = loader.load(load, origin, iter(interpreter), is_settled(content, now))
        return finish(session, content, load, left, now, interpreter.notes)


def begin(session: Session, content: Content, again: bool, now: int) -> tuple[Load, FileResult | None]:
    """The load of a content; with its result, where there is nothing to do."""
    manifest, source_id = session.manifest, session.source_id
    reading = reading_of(session.source)
    load = manifest.begin(source_id, content.sha256, reading, content.name, content.size, now)
    if load.state == "new" and not again:
        manifest.grow(load, source_id, reading, content.prefixes)
    if load.state == "loaded":
        last = manifest.last_at(source_id, content.place)
        if not again and last in (None, content.sha256):
            rows = load.counted.rows
            return load, FileResult(content.name, Counted(rows, known=rows), "already loaded")
        manifest.restart(load)  # asked for; or the file was changed, and has been changed back
    if session.archive is not None:
        session.archive.keep(content)
    load.taken_up = load.counted.rows
    return load, None


def finish(session: Session, content: Content, load: Load, left: bool, now: int, notes: Sequence[str]) -> FileResult:
    """Close the load of a content; its result."""
    state = "torn" if left else "loaded"
    session.manifest.finish(load, state, session.source_id, content.place, content.sha256, now)
    told = list(notes)
    if left:
        told.append("the last row is still being written and is left for the next run")
    if load.taken_up:
        told.append(f"taken up after {load.taken_up} rows")
    return FileResult(content.name, load.counted, "; ".join(told))


def is_settled(content: Content, now: int) -> bool:
    """Whether nobody has written to a file for so long that its last row is what it will be."""
    modified = content.ref.modified_at
    return modified is not None and now - modified > SETTLED_MS
