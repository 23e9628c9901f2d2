"""Files by content: attachments, generated documents, large values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class FileRef:
    """A stored file, as it stands in variables and on the wire.

    Args:
        id: attachment id (UUIDv7).
        name: as the uploader called it; shown, never used as a path.
        media_type: sniffed from the content, never believed from the upload.
        size: bytes.
        sha256: hex digest of the content, which names it in the content store.
    """

    id: str
    name: str
    media_type: str
    size: int
    sha256: str

    def as_variable(self) -> dict[str, object]:
        """The JSON object that forms and FEEL see."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.media_type,
            "size": self.size,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """A file of a case.

    Args:
        ref: the file.
        attached_at: aware UTC.
        attached_by: who uploaded or made it.
    """

    ref: FileRef
    attached_at: datetime
    attached_by: str


class FileStore(Protocol):
    """What a bot may do with files of the job it holds."""

    def read(self, attachment_id: str) -> bytes:
        """The content of an attachment of the job's own process instance.

        Raises:
            NotFound: no such attachment in this instance.
        """
        ...

    def attach(self, *, name: str, content: bytes, media_type: str) -> FileRef:
        """Store a document and attach it to the job's process instance; the same content twice is one file."""
        ...

    def all(self) -> Sequence[CaseFile]:
        """The files of the job's process instance, in order of arrival."""
        ...
