"""What can be asked about numbers, issued documents and archived cases, in the imperative.

Run by `Engine.execute(command, by=principal)` like every other command.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.commands import Command


@dataclass(frozen=True, kw_only=True)
class TakeNumber(Command):
    """Take the next number of a series, from 1 on and without gaps; gives an int.

    Args:
        series: such as '澄政办发〔2026〕'.
        key: whose number it is; the same key of the same series gets the same number again.
        instance_id: the case it is taken for, or ''.
    """

    series: str
    key: str
    instance_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ReserveDocument(Command):
    """Get a verification code for a document about to be written; gives a `contracts.documents.IssuedDocument`.

    The same key in the same case gives the same entry again, sealed by now perhaps.
    """

    instance_id: str
    key: str


@dataclass(frozen=True, kw_only=True)
class SealDocument(Command):
    """Enter a file as the document issued under a reserved code; gives an `IssuedDocument`.

    Args:
        key: of the reservation.
        file_id: an attachment of the case.
        issued_on: the date the document bears, ISO 8601.

    Raises:
        WrongState: another file was sealed under the key, or the document has been revoked.
    """

    instance_id: str
    key: str
    file_id: str
    title: str
    number: str = ""
    issuer: str = ""
    issued_on: str


@dataclass(frozen=True, kw_only=True)
class RevokeDocument(Command):
    """Declare an issued document void; gives an `IssuedDocument`. One that is void already stays as it is.

    Args:
        document_id: the entry's id in the register.
        reason: shown to whoever asks about the document.
    """

    document_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ArchiveCase(Command):
    """Enter a case in the archive under the file that holds its papers; gives an `ArchivedCase`.

    Args:
        key: the same key in the same case is one entry.
        file_id: an attachment of the case.
        files: how many files it holds.
    """

    instance_id: str
    key: str
    file_id: str
    number: str
    title: str
    year: int
    files: int


@dataclass(frozen=True, kw_only=True)
class NoteUnknownCode(Command):
    """Count that somebody asked about a verification code that does not exist; gives None."""

    address: str
