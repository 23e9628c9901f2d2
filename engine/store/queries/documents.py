"""Reading the register of issued documents and the archive; entries are visible to staff with their case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from engine.access import STAFF, sees_all
from engine.clock import to_micros
from engine.contracts.documents import ArchivedCase, IssuedDocument
from engine.document_views import DocumentProof
from engine.errors import NotFound
from engine.filters import RegisterFilter
from engine.store import sign_in_counts
from engine.store import tables as t
from engine.store.document_tables import archived_case, issued_document
from engine.store.documents import ARCHIVED, DOCUMENTS, archived_view, document_view
from engine.store.queries.base import (
    BaseReader,
    clamp,
    contains,
    decode_cursor,
    has_few_tasks,
    instances_of,
    page_of,
    visible_work,
)
from engine.store.queries.instances import may_see_instance
from engine.store.types import is_id
from engine.views import Page

T = TypeVar("T")
_instance = t.process_instance.c
_document, _archived = issued_document.c, archived_case.c


class DocumentQueries(BaseReader):
    """Reads about issued documents and archived cases."""

    def document_proof(self, code: str) -> DocumentProof:
        """What the holder of a verification code may know; who asks does not matter.

        Args:
            code: as `document_codes.read_code` gives it.
        """
        with self.connection() as connection:
            sealed = DOCUMENTS.where(_document.code == code, _document.state != "reserved")
            row = connection.execute(sealed).one_or_none()
        if row is None:
            raise NotFound(f"There is no document with verification code {code}.")
        return DocumentProof(
            code=row.code,
            state=row.state,
            title=row.title,
            number=row.number,
            issuer=row.issuer,
            issued_on=row.issued_on,
            size=row.file_size,
            sha256=bytes(row.sha256).hex(),
            revoked_at=row.revoked_at,
            reason=row.reason,
        )

    def wait_to_verify(self, address: str) -> timedelta:
        """How long an address that asked about too many unknown codes has to wait; nothing for all others."""
        with self.connection() as connection:
            return sign_in_counts.wait_to_verify(connection, address, self.now)

    def issued_documents(self, where: RegisterFilter, *, cursor: str = "", limit: int = 50) -> Page[IssuedDocument]:
        """A page of the register, the newest first."""
        matching = _matching(where, _document.number, _document.title, _document.year)
        statement = DOCUMENTS.where(_document.tenant_id == 0, _document.sealed_at.is_not(None), *matching)
        return self._page(statement, _document.sealed_at, _document.id, document_view, cursor, limit)

    def issued_document(self, document_id: str) -> IssuedDocument:
        """One entry of the register."""
        row = None
        if is_id(document_id):
            found = DOCUMENTS.where(_document.id == document_id, _document.state != "reserved", visible_work(self.by))
            with self.connection() as connection:
                row = connection.execute(found).one_or_none()
        if row is None:
            raise NotFound(f"There is no issued document {document_id!r}.")
        return document_view(row)

    def documents_of(self, instance_id: str) -> tuple[IssuedDocument, ...]:
        """The documents issued in a case, in the order of sealing."""
        with self.connection() as connection:
            if not may_see_instance(connection, self.by, instance_id):
                raise NotFound(f"There is no case {instance_id!r}.")
            sealed = DOCUMENTS.where(_document.instance_id == instance_id, _document.sealed_at.is_not(None))
            rows = connection.execute(sealed.order_by(_document.sealed_at, _document.id)).all()
        return tuple(document_view(row) for row in rows)

    def archived_cases(self, where: RegisterFilter, *, cursor: str = "", limit: int = 50) -> Page[ArchivedCase]:
        """A page of the archive, the newest first."""
        matching = _matching(where, _archived.number, _archived.title, _archived.year)
        statement = ARCHIVED.where(_archived.tenant_id == 0, *matching)
        return self._page(statement, _archived.archived_at, _archived.id, archived_view, cursor, limit)

    def archived_case(self, instance_id: str, key: str) -> ArchivedCase | None:
        """What was entered in the archive under a key of a case, or None."""
        with self.connection() as connection:
            if not may_see_instance(connection, self.by, instance_id):
                raise NotFound(f"There is no case {instance_id!r}.")
            same = ARCHIVED.where(_archived.instance_id == instance_id, _archived.key == key)
            row = connection.execute(same).one_or_none()
        return None if row is None else archived_view(row)

    def _page(
        self,
        statement: sa.Select[Any],
        at: sa.Column[Any],
        key: sa.Column[Any],
        make: Callable[[Any], T],
        cursor: str,
        limit: int,
    ) -> Page[T]:
        """One ordered walk along the index of (tenant, instant, id)."""
        limit = clamp(limit)
        after = decode_cursor(cursor, datetime, str)
        if after is not None:
            edge = sa.tuple_(sa.literal(after[0], at.type), sa.literal(after[1], key.type))
            statement = statement.where(sa.tuple_(at, key) < edge)
        with self.connection() as connection:
            visible = statement.where(self._visible(connection)).order_by(at.desc(), key.desc())
            rows = connection.execute(visible.limit(limit + 1)).all()
        return page_of(rows, limit, make, lambda row: [to_micros(getattr(row, at.name)), row.id])

    def _visible(self, connection: sa.Connection) -> sa.ColumnElement[bool]:
        if self.by.has(*STAFF) and not sees_all(self.by) and has_few_tasks(connection, self.by):
            return _instance.id.in_(instances_of(self.by))
        return visible_work(self.by)


def _matching(
    where: RegisterFilter, number: sa.Column[Any], title: sa.Column[Any], year: sa.Column[Any]
) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if where.search:
        found.append(sa.or_(*(contains(text, where.search) for text in (number, title, _instance.business_key))))
    if where.year is not None:
        found.append(year == where.year)
    return found
