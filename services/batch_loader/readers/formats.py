"""Chooses the reader of a stream by its kind of source and its first bytes."""

from collections.abc import Callable
from typing import BinaryIO

from services.batch_loader.files.compression import Unreadable, seekable
from services.batch_loader.files.lines import Lines
from services.batch_loader.mapping.headers import is_known, squeeze
from services.batch_loader.readers import asterisk_cdr, genesys
from services.batch_loader.readers.delimited import DelimitedReader
from services.batch_loader.readers.derived import DerivedReader
from services.batch_loader.readers.dialects import Dialect
from services.batch_loader.readers.json_records import JsonReader
from services.batch_loader.readers.text_lines import LineReader, by_pattern, by_places
from services.batch_loader.records import Reader
from services.batch_loader.sources import Source

Known = Callable[[str], bool]
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BLANK = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


def reader_of(stream: BinaryIO, source: Source) -> Reader:
    """The reader for a decompressed stream. Raises Unreadable for what no reader is for."""
    if source.kind == "asterisk_cdr":
        rows = DelimitedReader(Lines(stream, source.encoding), bool, asterisk_cdr.FIELDS, asterisk_cdr.LEAST, Dialect())
        return DerivedReader(rows, asterisk_cdr.DERIVED, asterisk_cdr.derive)
    if source.kind == "genesys":
        return JsonReader(stream, source.encoding, genesys.conversation)
    head = stream.peek(256)[:256] if hasattr(stream, "peek") else b""
    return _configured(stream, source) or _binary(stream, source, head) or _text(stream, source, head)


def _configured(stream: BinaryIO, source: Source) -> Reader | None:
    if source.pattern:
        columns, split = by_pattern(source.pattern)
        what = "does not match the pattern"
        return LineReader(Lines(stream, source.encoding), columns, split, what, source.skip_lines)
    if source.places:
        columns, split = by_places(source.places)
        what = "is shorter than its fields"
        return LineReader(Lines(stream, source.encoding), columns, split, what, source.skip_lines)
    return None


def _binary(stream: BinaryIO, source: Source, head: bytes) -> Reader | None:
    if head.startswith(b"PAR1"):
        from services.batch_loader.readers.parquet import ParquetReader  # its import costs 40 MB

        return ParquetReader(seekable(stream))
    if head.startswith(b"PK\x03\x04"):
        from services.batch_loader.readers.sheets import SheetReader

        return SheetReader(seekable(stream), known_to(source))
    if head.startswith(_OLD_OFFICE):
        raise Unreadable("this is an old Office file (.xls): save it as .xlsx or CSV")
    return None


def _text(stream: BinaryIO, source: Source, head: bytes) -> Reader:
    if head.lstrip(_BLANK)[:1] in (b"{", b"["):
        return JsonReader(stream, source.encoding)
    lines = Lines(stream, source.encoding)
    dialect = Dialect(source.delimiter, skip=source.skip_lines) if source.delimiter else None
    return DelimitedReader(lines, known_to(source), source.header or None, dialect=dialect)


def known_to(source: Source) -> Known:
    """Says whether a header cell is one that this source or the project knows."""
    named = {squeeze(n) for names in source.columns.values() for n in ([names] if isinstance(names, str) else names)}
    return lambda header: is_known(header) or squeeze(header) in named
