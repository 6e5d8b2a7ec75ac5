"""Loads files, each once by its content."""

import sys
from collections.abc import Iterable

from services.batch_loader.events import Origin
from services.batch_loader.files.compression import Unreadable
from services.batch_loader.files.contents import Content, contents
from services.batch_loader.files.dated import day_in
from services.batch_loader.files.locate import FileRef
from services.batch_loader.interpret import Interpreter
from services.batch_loader.manifest.store import Counted
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
        with RunProgress(self._session.console, sum(ref.size for ref in refs)) as progress:
            for ref in refs:
                progress.begin(ref.name)
                try:
                    for content in contents(ref):
                        results.append(self._content(content, progress))
                except (Unreadable, OSError) as error:
                    reason = str(error) if isinstance(error, Unreadable) else f"cannot be read ({type(error).__name__})"
                    print(f"{ref.name}: {reason}", file=sys.stderr)
                    results.append(FileResult(ref.name, note=reason, refused=True))
                self._read_before += ref.size
        return self._session.summary

    def _content(self, content: Content, progress: RunProgress) -> FileResult:
        session = self._session
        manifest, source_id, now = session.manifest, session.source_id, now_ms()
        reading = reading_of(session.source)
        load = manifest.begin(source_id, content.sha256, reading, content.name, content.size, now)
        if load.state == "loaded":
            last = manifest.last_at(source_id, content.place)
            if not self._again and last in (None, content.sha256):
                rows = load.counted.rows
                return FileResult(content.name, Counted(rows, known=rows), "already loaded")
            manifest.restart(load)  # asked for; or the file was changed, and has been changed back
        before = load.counted.rows
        loader = session.loader(content.name, lambda done: progress.advance(done.rows, self._read_before))
        with content.open() as stream:
            reader = reader_of(stream, session.source)
            origin = Origin(content.sha256, reader.media_type, now)
            day = day_in(content.member or content.ref.name, session.source.zone)
            interpreter = Interpreter(reader, session.source, now, day)
            left = loader.load(load, origin, iter(interpreter), _settled(content, now))
        state = "torn" if left else "loaded"
        manifest.finish(load, state, source_id, content.place, content.sha256, now)
        notes = list(interpreter.notes)
        if left:
            notes.append("the last row is still being written and is left for the next run")
        if before:
            notes.append(f"taken up after {before} rows")
        return FileResult(content.name, load.counted, "; ".join(notes))


def _settled(content: Content, now: int) -> bool:
    modified = content.ref.modified_at
    return modified is not None and now - modified > SETTLED_MS
