"""Reading attachments; they are visible with their case, or to who uploaded them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.contracts.files import CaseFile, FileRef
from engine.errors import NotFound
from engine.store import tables as t
from engine.store.queries.base import BaseReader
from engine.store.queries.instances import may_see_instance
from engine.store.statements import KEY, Prepared, is_key
from engine.store.types import is_id
from engine.views import Attachment

_OF_CASE = Prepared(
    sa.select(t.attachment)
    .where(is_key(t.attachment.c.instance_id))
    .order_by(t.attachment.c.created_at, t.attachment.c.id)
)


def attachment_view(row: Any) -> Attachment:
    """An attachment as views show it."""
    ref = FileRef(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=bytes(row.sha256).hex(),
    )
    return Attachment(
        ref=ref,
        instance_id=row.instance_id or "",
        created_at=row.created_at,
        created_by=row.created_by,
    )


def file_of_case(connection: sa.Connection, instance_id: str, file_id: str) -> FileRef | None:
    """A file of this case, or None."""
    table = t.attachment
    if not is_id(file_id):
        return None
    mine = sa.select(table).where(table.c.id == file_id, table.c.instance_id == instance_id)
    row = connection.execute(mine).one_or_none()
    return None if row is None else attachment_view(row).ref


class FileQueries(BaseReader):
    """Reads about attachments."""

    def attachment(self, attachment_id: str) -> tuple[Attachment, bytes]:
        """A file and its content."""
        with self.connection() as connection:
            row = self._attachment(connection, attachment_id)
            body = connection.execute(sa.select(t.content.c.body).where(t.content.c.sha256 == row.sha256)).scalar_one()
            return attachment_view(row), bytes(body)

    def attachment_info(self, attachment_id: str) -> Attachment:
        """A file without its content."""
        with self.connection() as connection:
            return attachment_view(self._attachment(connection, attachment_id))

    def _attachment(self, connection: sa.Connection, attachment_id: str) -> Any:
        row = None
        if is_id(attachment_id):
            table = t.attachment
            row = connection.execute(sa.select(table).where(table.c.id == attachment_id)).one_or_none()
        if row is not None:
            own = row.instance_id is None and row.created_by == self.by.id
            if own or may_see_instance(connection, self.by, row.instance_id or ""):
                return row
        raise NotFound(f"There is no file {attachment_id!r}.")

    def attachments_of(self, connection: sa.Connection, instance_id: str) -> tuple[Attachment, ...]:
        """The files of a case, in order of arrival."""
        return tuple(attachment_view(row) for row in _OF_CASE.all(connection, {KEY: instance_id}))

    def files_of(self, instance_id: str) -> tuple[CaseFile, ...]:
        """The files of a case that the principal may read, in order of arrival."""
        with self.connection() as connection:
            if not may_see_instance(connection, self.by, instance_id):
                raise NotFound(f"There is no case {instance_id!r}.")
            found = self.attachments_of(connection, instance_id)
        return tuple(CaseFile(ref=a.ref, attached_at=a.created_at, attached_by=a.created_by) for a in found)
