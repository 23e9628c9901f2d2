"""Outbox rows: what is to leave an instance once its transaction has committed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.unit_of_work import UnitOfWork

UNUSED_UPLOAD = timedelta(days=1)


def pending(connection: sa.Connection, after: int, limit: int) -> list[int]:
    """Numbers of entries to be sent, in order."""
    table = t.outbox
    statement = sa.select(table.c.seq).where(table.c.seq > after, table.c.incident_id.is_(None))
    return list(connection.execute(statement.order_by(table.c.seq).limit(limit)).scalars())


def take(uow: UnitOfWork, seq: int) -> Any | None:
    """Remove an entry and give it: whoever gets it sends it. None if it is gone, or somebody else is at it."""
    table = t.outbox
    free = (
        sa.select(table.c.seq)
        .where(table.c.seq == seq, table.c.incident_id.is_(None))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return uow.connection.execute(table.delete().where(table.c.seq == free).returning(*table.c)).one_or_none()


def hold_back(uow: UnitOfWork, row: Any, incident_id: str) -> None:
    """Put an entry that was taken back, until an incident is retried."""
    uow.connection.execute(t.outbox.insert(), {**row._mapping, "incident_id": incident_id})


def release(uow: UnitOfWork, incident_id: str) -> None:
    """Let what an incident held back be sent again."""
    table = t.outbox
    uow.connection.execute(table.update().where(table.c.incident_id == incident_id).values(incident_id=None))
    uow.relay = True


def forget_outdated(connection: sa.Connection, now: datetime) -> None:
    """Remove kept messages past their time and uploads that no form ever referred to."""
    kept, upload, content = t.kept_message, t.attachment, t.content
    connection.execute(kept.delete().where(kept.c.expires_at < now))
    connection.execute(upload.delete().where(upload.c.instance_id.is_(None), upload.c.created_at < now - UNUSED_UPLOAD))
    used = sa.exists().where(upload.c.sha256 == content.c.sha256)
    connection.execute(content.delete().where(~used))
