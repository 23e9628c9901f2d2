"""The register of issued documents: numbers, verification codes, archived cases.

A document gets its code before it is written, so that the code can be printed on it; once the file is
attached to the case, the register seals what was issued. From then on anybody with the code can ask
whether a paper in hand is the document that was issued, without seeing anything else of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NoReturn, Protocol

from engine.contracts.errors import TechnicalError
from engine.contracts.files import FileRef


@dataclass(frozen=True, kw_only=True)
class IssuedDocument:
    """An entry of the register.

    Args:
        id: UUIDv7.
        code: what is printed on the document, such as 'K7RM-2XQ9-TBHV-5NCE'; its last character tells typos.
        instance_id, business_key: the case it was issued in.
        state: 'reserved' until it is sealed, then 'valid', in the end perhaps 'revoked'.
        file: the sealed file; None while reserved.
        title, number, issuer: as sealed, '' where there is none.
        issued_on: the date it bears, ISO 8601; '' while reserved.
        sealed_at, revoked_at: aware UTC instants.
        revoked_by, reason: who revoked it and why.
    """

    id: str
    code: str
    instance_id: str
    business_key: str = ""
    state: Literal["reserved", "valid", "revoked"] = "reserved"
    file: FileRef | None = None
    title: str = ""
    number: str = ""
    issuer: str = ""
    issued_on: str = ""
    sealed_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ArchivedCase:
    """A case's files, collected and entered in the archive.

    Args:
        id: UUIDv7.
        instance_id, business_key: the case.
        file: the ZIP with all files and their index.
        number, title: what it is found by, such as the number and title of the document that was issued.
        year: of filing.
        files: how many files it holds, the index left out.
        archived_at: aware UTC.
        archived_by: who put it there.
    """

    id: str
    instance_id: str
    business_key: str
    file: FileRef
    number: str
    title: str
    year: int
    files: int
    archived_at: datetime
    archived_by: str


class DocumentRegister(Protocol):
    """What a bot may do with the register, for the case of the job it holds.

    `key` makes a call repeatable: the same key gives the same number, code or entry again. Use
    `Job.idempotency_key` unless something else says better what is the same.
    """

    def next_number(self, *, series: str, key: str) -> int:
        """The next number of a series such as '澄政办发〔2026〕', from 1 on and without gaps."""
        ...

    def reserve(self, *, key: str) -> IssuedDocument:
        """A verification code for a document that is about to be written."""
        ...

    def seal(
        self, *, key: str, file_id: str, title: str, number: str = "", issuer: str = "", issued_on: str
    ) -> IssuedDocument:
        """Enter the attached file as the document issued under the reserved code.

        Raises:
            NotFound: nothing was reserved under the key, or the case has no such file.
            Conflict: another file was sealed under it, or the document has been revoked.
        """
        ...

    def revoke(self, *, file_id: str, reason: str) -> IssuedDocument:
        """Declare an issued document of the case void; one that is void already stays as it is.

        Raises:
            NotFound: no document was issued with this file.
        """
        ...

    def issued(self) -> Sequence[IssuedDocument]:
        """The case's documents, in the order of sealing."""
        ...

    def archive(self, *, key: str, file_id: str, number: str, title: str, year: int, files: int) -> ArchivedCase:
        """Enter the case in the archive under the ZIP that holds its files.

        Raises:
            NotFound: the case has no such file.
        """
        ...

    def archived(self, *, key: str) -> ArchivedCase | None:
        """What was entered under the key, or None."""
        ...


class NoRegister:
    """Where there is no register, as for a bot that works over the network: every call says so."""

    def next_number(self, *, series: str, key: str) -> int:
        self._refuse()

    def reserve(self, *, key: str) -> IssuedDocument:
        self._refuse()

    def seal(
        self, *, key: str, file_id: str, title: str, number: str = "", issuer: str = "", issued_on: str
    ) -> IssuedDocument:
        self._refuse()

    def revoke(self, *, file_id: str, reason: str) -> IssuedDocument:
        self._refuse()

    def issued(self) -> Sequence[IssuedDocument]:
        self._refuse()

    def archive(self, *, key: str, file_id: str, number: str, title: str, year: int, files: int) -> ArchivedCase:
        self._refuse()

    def archived(self, *, key: str) -> ArchivedCase | None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TechnicalError("Expected a register of documents but this worker has none: run it beside the engine.")
