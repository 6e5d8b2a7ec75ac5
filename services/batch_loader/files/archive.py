"""Keeps what was loaded, by content hash, so that a row's reference to file and line can be followed."""

import shutil
import uuid
from pathlib import PurePosixPath

from fsspec.core import url_to_fs

from services.batch_loader.files.contents import Content
from services.runtime.errors import PipelineError


class ArchiveError(PipelineError):
    """The archive does not take a file; it is not loaded then."""


class Archive:
    """A folder or object store: <first two digits of the hash>/<hash>, with the file's suffixes."""

    def __init__(self, url: str) -> None:
        try:
            self._fs, self._root = url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise ArchiveError(
                "BATCH_ARCHIVE_URL: this kind of URL cannot be written; its driver is missing"
            ) from error

    def path(self, content: Content) -> str:
        """Where a content is, or would be."""
        suffix = "".join(PurePosixPath(content.member or content.ref.name).suffixes[-2:])
        suffix = suffix if len(suffix) <= 16 and suffix.replace(".", "").isalnum() else ""
        return f"{self._root.rstrip('/')}/{content.sha256[:2]}/{content.sha256}{suffix}"

    def keep(self, content: Content) -> None:
        """Store a content unless it is there: a file as it was, a zip's member unpacked. Raises ArchiveError."""
        path = self.path(content)
        partial = f"{path}.{uuid.uuid4().hex[:8]}.part"
        try:
            if self._fs.exists(path):
                return
            self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self._fs.open(partial, "wb") as out:
                if content.member:
                    with content.open() as stream:
                        shutil.copyfileobj(stream, out, 1 << 20)
                else:
                    with content.ref.open() as stream:
                        shutil.copyfileobj(stream, out, 1 << 20)
            self._fs.mv(partial, path)
        except OSError as error:
            raise ArchiveError(f"BATCH_ARCHIVE_URL: the archive cannot be written ({type(error).__name__})") from error
