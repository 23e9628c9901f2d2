"""Rows of the register: numbers taken, documents issued, cases archived."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.contracts.documents import ArchivedCase, IssuedDocument
from engine.contracts.files import FileRef
from engine.store import tables as t
from engine.store.document_tables import archived_case, issued_document, taken_number
from engine.store.unit_of_work import UnitOfWork

_document, _archived = issued_document.c, archived_case.c

_FILE = tuple(t.attachment.c[name].label(f"file_{name}") for name in ("id", "name", "media_type", "size", "sha256"))

DOCUMENTS = (
    sa.select(issued_document, t.process_instance.c.business_key, *_FILE)
    .join(t.process_instance, t.process_instance.c.id == _document.instance_id)
    .outerjoin(t.attachment, t.attachment.c.id == _document.attachment_id)
)
"""Entries of the register, as `document_view` reads them."""

ARCHIVED = (
    sa.select(archived_case, t.process_instance.c.business_key, *_FILE)
    .join(t.process_instance, t.process_instance.c.id == _archived.instance_id)
    .join(t.attachment, t.attachment.c.id == _archived.attachment_id)
)
"""Archived cases, as `archived_view` reads them."""


def take_number(uow: UnitOfWork, series: str, key: str, instance_id: str) -> int:
    """The number this key has in a series; the next one if it has none. Those who ask at once queue here."""
    uow.lock(f"number:{series}")
    mine = sa.select(taken_number.c.number).where(taken_number.c.series == series, taken_number.c.key == key)
    number: int | None = uow.connection.execute(mine).scalar_one_or_none()
    if number is None:
        number = uow.next_number(f"number:{series}")
        uow.connection.execute(
            taken_number.insert(),
            {
                "series": series,
                "key": key,
                "number": number,
                "instance_id": instance_id or None,
                "taken_at": uow.now,
                "taken_by": uow.by.id,
            },
        )
    return number


def reserve(uow: UnitOfWork, row: dict[str, Any]) -> None:
    """Reserve a code, unless this key of the case has one."""
    uow.insert_or_skip(issued_document, row)


def reserved(connection: sa.Connection, instance_id: str, key: str) -> IssuedDocument | None:
    """The entry under a key of a case; its row is locked until the transaction ends."""
    return _locked(connection, _document.instance_id == instance_id, _document.key == key)


def document(connection: sa.Connection, document_id: str) -> IssuedDocument | None:
    """An entry by its id; its row is locked until the transaction ends."""
    return _locked(connection, _document.id == document_id)


def change_document(connection: sa.Connection, document_id: str, values: dict[str, Any]) -> IssuedDocument:
    """Set columns of an entry; gives it as it is now."""
    connection.execute(issued_document.update().where(_document.id == document_id).values(values))
    return document_view(connection.execute(DOCUMENTS.where(_document.id == document_id)).one())


def archive(uow: UnitOfWork, row: dict[str, Any]) -> ArchivedCase:
    """Enter a case in the archive, unless this key of the case is there; gives the entry."""
    uow.insert_or_skip(archived_case, row)
    same = ARCHIVED.where(_archived.instance_id == row["instance_id"], _archived.key == row["key"])
    return archived_view(uow.connection.execute(same).one())


def document_view(row: Any) -> IssuedDocument:
    """A row of DOCUMENTS as the register shows it."""
    return IssuedDocument(
        id=row.id,
        code=row.code,
        instance_id=row.instance_id,
        business_key=row.business_key,
        state=row.state,
        file=_file(row) if row.attachment_id is not None else None,
        title=row.title,
        number=row.number,
        issuer=row.issuer,
        issued_on=row.issued_on,
        sealed_at=row.sealed_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        reason=row.reason,
    )


def archived_view(row: Any) -> ArchivedCase:
    """A row of ARCHIVED as the archive shows it."""
    return ArchivedCase(
        id=row.id,
        instance_id=row.instance_id,
        business_key=row.business_key,
        file=_file(row),
        number=row.number,
        title=row.title,
        year=row.year,
        files=row.files,
        archived_at=row.archived_at,
        archived_by=row.archived_by,
    )


def _locked(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> IssuedDocument | None:
    # first the lock, then a look: in one statement PostgreSQL joins what the file was before it waited for the lock
    connection.execute(sa.select(_document.id).where(*where).with_for_update())
    row = connection.execute(DOCUMENTS.where(*where)).one_or_none()
    return None if row is None else document_view(row)


def _file(row: Any) -> FileRef:
    return FileRef(
        id=row.file_id,
        name=row.file_name,
        media_type=row.file_media_type,
        size=row.file_size,
        sha256=bytes(row.file_sha256).hex(),
    )
