"""Finds files: paths, folders, globs and object-store URLs alike, through fsspec."""

import fnmatch
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import fsspec
from fsspec.core import url_to_fs

from services.runtime.errors import PipelineError

HIDDEN = (".", "_", "~")
PARTIAL = (".part", ".tmp", ".crdownload", ".filepart", ".swp", ".lock")
"""Names under which other programs write a file before it is whole."""


class SourceMissing(PipelineError):
    """A path that leads to no file."""


@dataclass(frozen=True)
class FileRef:
    """One file somewhere."""

    fs: Any
    path: str
    size: int
    modified_at: int | None
    """ms UTC; None where the store does not say."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def url(self) -> str:
        """Its full address."""
        return str(self.fs.unstrip_protocol(self.path))

    def open(self, limit: int | None = None) -> BinaryIO:
        """Its bytes; with a limit no more than that, so that a file that grows meanwhile is read as it was hashed."""
        stream = self.fs.open(self.path, "rb")
        size = self.size if limit is None else limit
        return cast(BinaryIO, io.BufferedReader(_Bounded(stream, size), 1 << 18))


class _Bounded(io.RawIOBase):
    """The first `size` bytes of a stream, seekable if that is."""

    cheap_seek = True

    def __init__(self, stream: Any, size: int) -> None:
        super().__init__()
        self._stream = stream
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """As the stream is."""
        return bool(self._stream.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file; the end is the bound."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = int(self._stream.seek(max(base + offset, 0)))
        return self._at

    def tell(self) -> int:
        """Position from the start."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the bound allows."""
        data = self._stream.read(min(len(buffer), max(self._size - self._at, 0)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the stream too."""
        if not self.closed:
            self._stream.close()
        super().close()


def find(location: str, pattern: str = "*") -> Iterator[FileRef]:
    """The files of a path, folder (whole, sorted by name), glob or URL. Raises SourceMissing where there is none.

    Of folders and globs, hidden files and those that others are still writing under a partial name are left out.
    """
    try:
        fs, path = url_to_fs(location)
    except (ValueError, ImportError) as error:
        raise SourceMissing(
            f"{_safe(location)}: this kind of URL cannot be read here; its fsspec driver is missing"
        ) from error
    if _is_file(fs, path):
        yield _ref(fs, path, fs.info(path))
        return
    details = _below(fs, path)
    found = False
    for name in sorted(details):
        base = name.rpartition("/")[2]
        if details[name].get("type") == "directory" or not fnmatch.fnmatch(base, pattern):
            continue
        if base.startswith(HIDDEN) or base.lower().endswith(PARTIAL):
            continue
        found = True
        yield _ref(fs, name, details[name])
    if not found:
        raise SourceMissing(f"{_safe(location)}: no such file, nor a folder or pattern that holds one")


def _is_file(fs: Any, path: str) -> bool:
    try:
        return bool(fs.isfile(path))
    except (OSError, ValueError):
        return False


def _below(fs: Any, path: str) -> dict[str, dict[str, Any]]:
    try:
        if any(c in path for c in "*?["):
            return cast(dict[str, dict[str, Any]], fs.glob(path, detail=True))
        return cast(dict[str, dict[str, Any]], fs.find(path, detail=True))
    except (OSError, ValueError) as error:
        raise SourceMissing(f"{_safe(path)}: cannot be listed ({type(error).__name__})") from error


def _ref(fs: Any, path: str, info: dict[str, Any]) -> FileRef:
    return FileRef(fs, path, int(info.get("size") or 0), _modified(info))


def _modified(info: dict[str, Any]) -> int | None:
    for name in ("mtime", "LastModified", "last_modified", "updated"):
        value = info.get(name)
        if isinstance(value, (int, float)):
            return int(value * 1000)
        if isinstance(value, datetime):
            return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1000)
    return None


def _safe(location: str) -> str:
    """A location without user and password."""
    scheme, mark, rest = location.partition("://")
    if not mark:
        return location
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def filesystems() -> list[str]:
    """Protocols whose drivers are known."""
    return sorted(fsspec.available_protocols())
