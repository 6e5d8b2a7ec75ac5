"""What all loads of a run share: the broker, the manifest, the source's rows, and who is told."""

import hashlib
import sys
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console

from services.batch_loader.events import EventMaker
from services.batch_loader.files.archive import Archive
from services.batch_loader.load import Loader
from services.batch_loader.manifest.lease import Lease
from services.batch_loader.manifest.row_index import RowIndex
from services.batch_loader.manifest.store import Also, Counted, Manifest, nothing_else
from services.batch_loader.publish import Channel, KafkaChannel
from services.batch_loader.records import Fault
from services.batch_loader.settings import BatchSettings
from services.batch_loader.sources import Source
from services.batch_loader.summary import Summary
from services.runtime import topics
from services.runtime.codec import codec_of

SHOWN_FAULTS = 200
_READING = "1"
"""Changes when the same file would be read differently by a newer version."""
_WHERE = {"name", "locations", "table", "table_schema", "key", "watermark", "overlap", "days"}


class Session:
    """One run of one source. Use it as a context manager; SourceBusy when another run has the source."""

    index: RowIndex

    def __init__(
        self, settings: BatchSettings, source: Source, console: Console, channel: Channel | None = None
    ) -> None:
        self.settings = settings
        self.source = source
        self.console = console
        self.codec = codec_of(settings)
        self.maker = EventMaker(settings.id_key(), self.codec, source)
        if channel is None:
            topics.ensure(settings, ("bronze.batch", "dead-letters", "ledger"), timeout=8)
        self.channel = channel or KafkaChannel(settings)
        self.manifest = Manifest(settings.batch_manifest_url)
        self.source_id = self.manifest.source(source.full_name)
        self._lease = Lease(self.manifest, self.source_id, source.full_name)
        self.archive = Archive(settings.batch_archive_url) if settings.batch_archive_url else None
        self.summary = Summary()
        self._shown = 0

    def __enter__(self) -> "Session":
        self._lease.__enter__()
        self.index = self.manifest.rows(self.source_id)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lease.__exit__(kind, error, at)
        self.manifest.close()

    def loader(
        self,
        name: str,
        on_progress: Callable[[Counted], None],
        also: Also = nothing_else,
    ) -> Loader:
        """A loader of the source for one file or table."""
        return Loader(
            self.maker,
            self.channel,
            self.codec,
            self.manifest,
            self.index,
            self.settings.instance,
            self.settings.batch_chunk_rows,
            lambda fault: self._told(name, fault),
            on_progress,
            also,
        )

    def _told(self, name: str, fault: Fault) -> None:
        self._shown += 1
        if self._shown <= SHOWN_FAULTS:
            print(f"{name}: {fault.reason}: {fault.detail}", file=sys.stderr)
        elif self._shown == SHOWN_FAULTS + 1:
            print("further dead rows are not shown; all are in dead-letters", file=sys.stderr)


def reading_of(source: Source) -> str:
    """Fingerprint of how a source is read: with another map the same file is another matter."""
    how = source.model_dump_json(exclude=_WHERE)
    return hashlib.sha256(f"{_READING}\x1f{how}".encode()).hexdigest()[:16]


def now_ms() -> int:
    """ms UTC."""
    return time.time_ns() // 1_000_000
