"""What a file holds, as contents with a hash each: one, or for a zip archive one a member."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from services.batch_loader.files.compression import BROKEN, PEEK, Unreadable, kind_of, opened
from services.batch_loader.files.locate import FileRef

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Content:
    """One content: a file, or a member of a zip archive."""

    ref: FileRef
    member: str
    """Name within the archive, "" for the file itself."""
    sha256: str
    size: int
    prefixes: dict[str, bool] = field(default_factory=dict)
    """Hashes of its beginnings at the sizes that were asked for, each with whether a line ends there."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.ref.name}:{self.member}" if self.member else self.ref.name

    @property
    def place(self) -> str:
        """Where it lies, as a hash."""
        return hashlib.sha256(f"{self.ref.url}\x1f{self.member}".encode("utf-8", "surrogateescape")).hexdigest()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its decompressed bytes. Raises Unreadable."""
        with self.ref.open(self.ref.size) as raw:
            for member, stream in opened(raw):
                if not self.member or member == self.member:
                    yield stream
                    return
        raise Unreadable("a member of the archive has gone")


def contents(ref: FileRef, sizes: Iterable[int] = ()) -> list[Content]:
    """The contents of a file, hashed: a plain or compressed file by its own bytes, members of a zip by theirs.

    sizes: at which its beginning is hashed too, to know a file again that has grown. Raises Unreadable where the file
    cannot be opened as what its first bytes claim.
    """
    try:
        with ref.open(ref.size) as raw:
            if kind_of(raw.read(PEEK)) != "zip":
                raw.seek(0)
                return [_hashed(ref, "", raw, sorted({size for size in sizes if 0 < size < ref.size}))]
            raw.seek(0)
            return [_hashed(ref, member, stream, ()) for member, stream in opened(raw)]
    except BROKEN as error:
        raise Unreadable(f"cannot be read ({type(error).__name__})") from error


def _hashed(ref: FileRef, member: str, stream: BinaryIO, sizes: Sequence[int]) -> Content:
    digest = hashlib.sha256()
    at, prefixes, marks = 0, {}, deque(sizes)
    while block := stream.read(min(_BLOCK, marks[0] - at) if marks else _BLOCK):
        digest.update(block)
        at += len(block)
        if marks and at == marks[0]:
            marks.popleft()
            prefixes[digest.hexdigest()] = block.endswith((b"\n", b"\n\x00"))
    return Content(ref, member, digest.hexdigest(), at, prefixes)
