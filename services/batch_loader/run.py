"""One run over the files of a source."""

import hashlib
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType

from rich.console import Console

from services.batch_loader.events import EventMaker, Origin
from services.batch_loader.files.compression import Unreadable
from services.batch_loader.files.contents import Content, contents
from services.batch_loader.files.locate import FileRef
from services.batch_loader.interpret import Interpreter
from services.batch_loader.load import Loader
from services.batch_loader.manifest.store import Counted, Manifest
from services.batch_loader.progress import RunProgress
from services.batch_loader.publish import Channel, KafkaChannel
from services.batch_loader.readers.formats import reader_of
from services.batch_loader.records import Fault
from services.batch_loader.settings import BatchSettings
from services.batch_loader.sources import Source
from services.batch_loader.summary import FileResult, Summary
from services.runtime import topics
from services.runtime.codec import codec_of

SETTLED_MS = 3_600_000
"""A file that nobody has written to for so long has got its last row, torn or not."""
SHOWN_FAULTS = 200
_READING = "1"
"""Changes when the same file would be read differently by a newer version."""


class Run:
    """Loads files of one source. Use it as a context manager."""

    def __init__(
        self,
        settings: BatchSettings,
        source: Source,
        console: Console,
        again: bool = False,
        channel: Channel | None = None,
    ) -> None:
        self._source = source
        self._console = console
        self._again = again
        self._codec = codec_of(settings)
        self._ids = settings.id_key()
        if channel is None:
            with suppress(ValueError):  # raised by confluent_kafka when there is no topic to create
                topics.ensure(settings, ("bronze.batch", "dead-letters", "ledger"), timeout=8)
        self._channel = channel or KafkaChannel(settings)
        self._settings = settings
        self._manifest = Manifest(settings.batch_manifest_url)
        self._source_id = self._manifest.source(source.full_name)
        self._index = self._manifest.rows(self._source_id)
        self._shown = 0
        self._read_before = 0
        self.summary = Summary()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._manifest.close()

    def files(self, refs: Iterable[FileRef]) -> Summary:
        """Load files, each on its own: one that cannot be read does not keep the next from being loaded."""
        refs = list(refs)
        with RunProgress(self._console, sum(ref.size for ref in refs)) as progress:
            for ref in refs:
                progress.begin(ref.name)
                try:
                    for content in contents(ref):
                        self.summary.files.append(self._content(content, progress))
                except Unreadable as error:
                    print(f"{ref.name}: {error}", file=sys.stderr)
                    self.summary.files.append(FileResult(ref.name, note=str(error), refused=True))
                self._read_before += ref.size
        return self.summary

    def _content(self, content: Content, progress: RunProgress) -> FileResult:
        now = time.time_ns() // 1_000_000
        load = self._manifest.begin(
            self._source_id, content.sha256, reading_of(self._source), content.name, content.size, now
        )
        if load.state == "loaded":
            last = self._manifest.last_at(self._source_id, content.place)
            if not self._again and last in (None, content.sha256):
                rows = load.counted.rows
                return FileResult(content.name, Counted(rows, known=rows), "already loaded")
            self._manifest.restart(load)  # asked for, or the file was changed and has been changed back
        before = Counted() + load.counted
        with content.open() as stream:
            reader = reader_of(stream, self._source)
            origin = Origin(content.sha256, reader.media_type, now)
            loader = Loader(
                EventMaker(self._ids, self._codec, self._source),
                self._channel,
                self._codec,
                self._manifest,
                self._index,
                self._settings.instance,
                self._settings.batch_chunk_rows,
                lambda fault: self._told(content.name, fault),
                lambda counted: progress.advance(counted.rows, self._read_before),
            )
            interpreter = Interpreter(reader, self._source, now)
            left = loader.load(load, origin, iter(interpreter), self._settled(content, now))
        state = "torn" if left else "loaded"
        self._manifest.finish(load, state, self._source_id, content.place, content.sha256, now)
        notes = list(interpreter.notes)
        if left:
            notes.append("the last row is still being written and is left for the next run")
        if load.state != "new" and before.rows:
            notes.append(f"taken up after {before.rows} rows")
        return FileResult(content.name, load.counted, "; ".join(notes))

    def _settled(self, content: Content, now: int) -> bool:
        modified = content.ref.modified_at
        return modified is not None and now - modified > SETTLED_MS

    def _told(self, name: str, fault: Fault) -> None:
        self._shown += 1
        if self._shown <= SHOWN_FAULTS:
            print(f"{name}: {fault.reason}: {fault.detail}", file=sys.stderr)
        elif self._shown == SHOWN_FAULTS + 1:
            print("further dead rows are not shown; all are in dead-letters", file=sys.stderr)


def reading_of(source: Source) -> str:
    """Fingerprint of how a source's files are read: with another map the same file is another matter."""
    how = source.model_dump_json(exclude={"name"})
    return hashlib.sha256(f"{_READING}\x1f{how}".encode()).hexdigest()[:16]
