"""Reading one's own messages."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from engine.clock import to_micros
from engine.store import tables as t
from engine.store.queries.base import BaseReader, clamp, decode_cursor, page_of
from engine.views import NotificationRow, Page

_note, _instance = t.notification, t.process_instance


class NotificationQueries(BaseReader):
    """Reads about messages to the principal."""

    def notifications(self, *, unread_only: bool = False, cursor: str = "", limit: int = 50) -> Page[NotificationRow]:
        """A page of the principal's own messages, the newest first."""
        limit = clamp(limit)
        after = decode_cursor(cursor, datetime, str)
        statement = (
            sa.select(_note, _instance.c.business_key)
            .outerjoin(_instance, _instance.c.id == _note.c.instance_id)
            .where(_note.c.recipient == self.by.id)
            .order_by(_note.c.created_at.desc(), _note.c.id.desc())
        )
        if unread_only:
            statement = statement.where(_note.c.read_at.is_(None))
        if after is not None:
            edge = sa.tuple_(
                sa.literal(after[0], _note.c.created_at.type),
                sa.literal(after[1], _note.c.id.type),
            )
            statement = statement.where(sa.tuple_(_note.c.created_at, _note.c.id) < edge)
        with self.connection() as connection:
            rows = connection.execute(statement.limit(limit + 1)).all()
        return page_of(
            rows,
            limit,
            lambda row: NotificationRow(
                id=row.id,
                instance_id=row.instance_id,
                business_key=row.business_key or "",
                subject=row.subject,
                body=row.body,
                created_at=row.created_at,
                read_at=row.read_at,
            ),
            lambda row: [to_micros(row.created_at), row.id],
        )

    def unread_count(self) -> int:
        """How many of the principal's messages are unread."""
        statement = sa.select(sa.func.count()).where(_note.c.recipient == self.by.id, _note.c.read_at.is_(None))
        with self.connection() as connection:
            return int(connection.execute(statement).scalar_one())
