"""Chooses the reader of a stream by its kind of source and its first bytes."""

from typing import BinaryIO

from services.batch_loader.files.lines import Lines
from services.batch_loader.mapping.headers import is_known, squeeze
from services.batch_loader.readers.delimited import DelimitedReader
from services.batch_loader.records import Reader
from services.batch_loader.sources import Source


def reader_of(stream: BinaryIO, source: Source) -> Reader:
    """The reader for a decompressed stream."""
    named = {squeeze(name) for names in source.columns.values() for name in _listed(names)}
    lines = Lines(stream, source.encoding)
    return DelimitedReader(lines, lambda header: is_known(header) or squeeze(header) in named)


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
